/**
 * The one sampler: whoever wants to know what running containers use asks here. It reads all of them each second while
 * somebody listens, each ten seconds otherwise, so that the first answer has a history, and does nothing at all while none runs.
 */
import { mapInTurns } from "../../lib/in-turns.ts";
import { type ContainerSample, type HistoryAnswer, type SamplesMessage, TICK_MS } from "../../wire/glass.ts";
import type { Container, ContainerStore } from "../containers/container.ts";
import { hasProcess } from "../containers/live.ts";
import type { EventBus } from "../events.ts";
import type { Cgroups, Clock, HostMeter } from "../ports.ts";
import { createHistories } from "./histories.ts";
import { createHostSamples } from "./host-sample.ts";
import { type Around, createMeters } from "./meters.ts";
import type { Reading } from "./to-sample.ts";

export type SamplerDeps = {
  store: Pick<ContainerStore, "find" | "all">;
  cgroups: Pick<Cgroups, "meter" | "look">;
  host: HostMeter;
  clock: Pick<Clock, "monotonic">;
  events: Pick<EventBus, "subscribe">;
  /** Unix milliseconds */
  now: () => number;
  log: (message: string, details: Record<string, unknown>) => void;
};

/** Between two ticks while nobody listens. */
const IDLE_MS = 10_000;
/** Somebody who asked for a history will ask again. */
const ASKED_MS = 30_000;
/** From the start of a run to its first reading: it would compete with the start's own answer, and many have ended by then. */
const FIRST_MS = 100;

export type Sampler = ReturnType<typeof createSampler>;

export function createSampler(deps: SamplerDeps) {
  const { store, clock } = deps;
  const meters = createMeters(deps);
  const histories = createHistories(deps.now);
  const hostSample = createHostSamples(deps);
  const listeners = new Set<(tick: SamplesMessage) => void>();
  let timer: NodeJS.Timeout | undefined;
  let ticking = false;
  let began = Number.NEGATIVE_INFINITY;
  let askedUntil = Number.NEGATIVE_INFINITY;

  const keep = (container: Container, around: Around): ContainerSample | undefined => {
    const sample = meters.sample(container, around);
    if (sample) histories.add(sample);
    return sample;
  };
  const tick = async () => {
    began = clock.monotonic();
    const all = store.all();
    meters.forget(all);
    histories.forget(all.map(({ record }) => record.id));
    const { sample: host, cpu } = hostSample();
    const running = all.filter(isRunning);
    const interfaces = running.some(({ record }) => record.endpoints.length > 0) ? deps.host.interfaces() : {};
    const around = { cpu, interfaces, look: deps.cgroups.look() };
    const samples = await mapInTurns(running, (container) => keep(container, around));
    const message = { at: host.at, host, containers: samples.filter((sample) => sample !== undefined) };
    for (const listener of [...listeners]) listener(message);
  };
  /** Plan the next tick; one that is planned for later is brought forward. */
  const schedule = () => {
    clearTimeout(timer);
    if (ticking || (listeners.size === 0 && !store.all().some(isRunning))) return;
    const watched = listeners.size > 0 || clock.monotonic() < askedUntil;
    const rest = began + (watched ? TICK_MS : IDLE_MS) - clock.monotonic();
    timer = setTimeout(run, Math.max(0, rest)).unref();
  };
  const run = () => {
    ticking = true;
    void tick()
      .catch((error: unknown) => deps.log("sample containers", { error }))
      .then(() => {
        ticking = false;
        schedule();
      });
  };
  const unsubscribe = deps.events.subscribe(({ Type, Action, Actor }) => {
    if (Type !== "container" || !["start", "die", "update"].includes(Action)) return;
    const container = store.all().find(({ record }) => record.id === Actor.ID);
    if (container === undefined) return;
    if (Action === "die") return meters.close(container);
    if (Action === "update") return meters.changed(container);
    setTimeout(() => isRunning(container) && keep(container, { cpu: deps.host.cpu() }), FIRST_MS).unref();
    schedule();
  });
  schedule(); // those that ran before this engine did

  return {
    /**
     * Told of each tick: one comes each second from now on. Parts of a sample that are the same objects as in the one before (cpu,
     * memory) have not changed. @returns how to stop
     */
    listen(listener: (tick: SamplesMessage) => void): () => void {
      listeners.add(listener);
      if (listeners.size === 1) schedule();
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) schedule();
      };
    },
    /** A reading of this moment, which nobody else hears of; undefined when it does not run. */
    take: (container: Container): Reading | undefined => meters.take(container, { cpu: deps.host.cpu() }),
    /** Of this moment, all that run. */
    async all(): Promise<{ container: Container; reading: Reading }[]> {
      const around = { cpu: deps.host.cpu(), interfaces: deps.host.interfaces() };
      const readings = await mapInTurns(store.all().filter(isRunning), (container) => ({
        container,
        reading: meters.take(container, around),
      }));
      return readings.flatMap(({ container, reading }) => (reading ? [{ container, reading }] : []));
    },
    /** The newest reading of a tick, and the newest of the same run that is older enough to tell something. */
    latest: (container: Container) => meters.latest(container),
    /** The newest reading of the run that is old enough to tell something now. */
    before: (container: Container) => meters.before(container, clock.monotonic()),
    /** Throws not-found. */
    history(ref: string): HistoryAnswer {
      const { record } = store.find(ref);
      askedUntil = clock.monotonic() + ASKED_MS;
      schedule();
      const samples = histories.of(record.id);
      const reason = hasProcess(record)
        ? `container ${record.name} has just been started: its first sample is on its way`
        : `container ${record.name} does not run, and has not run in the last five minutes`;
      return { id: record.id, name: record.name, samples, ...(samples.length === 0 && { reason }) };
    },
    close(): void {
      unsubscribe();
      clearTimeout(timer);
      listeners.clear();
      ticking = true; // no tick plans another one
      meters.forget([]);
    },
  };
}

const isRunning = ({ record }: Container) => hasProcess(record);
