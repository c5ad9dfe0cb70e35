/**
 * `docker stats`. CPU use is a difference of two samples, so one sample has to be there before anybody asks: each
 * running container gets one at its start, and a new one every few seconds. An answer takes no longer than one sample,
 * but for the first quarter of a second.
 */
import type { CgroupVersion } from "../../isolation/spec.ts";
import type { EventBus } from "../events.ts";
import type { Cgroups, Clock, Processes } from "../ports.ts";
import type { Container, ContainerStore } from "./container.ts";
import { emptyStatsJson, type StatsSample, statsJson } from "./stats-shape.ts";

export type StatsDeps = {
  store: Pick<ContainerStore, "find" | "all">;
  cgroups: Pick<Cgroups, "sample" | "layout">;
  processes: Pick<Processes, "networkCounters" | "hostCpu" | "hostMemory">;
  clock: Pick<Clock, "delay" | "monotonic">;
  events: Pick<EventBus, "subscribe">;
};

/** Between two samples sent to one client; the CLI drops a row that brings none within 2 s. */
const STREAM_MS = 1000;
/** Between two background samples of one container … */
const BACKGROUND_MS = 5000;
/** … but one sample costs about a millisecond: with many containers each waits longer. */
const BACKGROUND_PER_CONTAINER_MS = 50;
/** From the start of a run to its first sample. */
const FIRST_MS = 100;
/** CPU use over a shorter time than this (a few periods of the CFS quota) would say little. */
const SHORTEST_MS = 250;

type Kept = { sample: StatsSample; at: number; run: string };

export type Stats = ReturnType<typeof createStats>;

export function createStats(deps: StatsDeps) {
  /** The last two samples of each running container, older first. */
  const kept = new Map<string, Kept[]>();
  let timer: NodeJS.Timeout | undefined;
  const version: CgroupVersion = deps.cgroups.layout.version;

  const take = async (container: Container): Promise<StatsSample | undefined> => {
    const { record } = container;
    const pid = record.state.process?.pid;
    if (pid === undefined) return undefined;
    const ownsNetwork = record.endpoints.length > 0;
    const [cgroup, hostCpu, networks] = await Promise.all([
      deps.cgroups.sample(record.cgroupPath),
      deps.processes.hostCpu(),
      ownsNetwork ? deps.processes.networkCounters(pid).catch(() => undefined) : undefined, // it may have ended
    ]);
    return cgroup && { cgroup, hostCpu, networks };
  };
  const keep = (container: Container, sample: StatsSample) => {
    const { id, state } = container.record;
    const earlier = (kept.get(id) ?? []).filter(({ run }) => run === state.startedAt);
    kept.set(id, [...earlier.slice(-1), { sample, at: deps.clock.monotonic(), run: state.startedAt }]);
  };
  /** The newest sample of this run that is old enough to tell something. */
  const earlier = ({ record }: Container): StatsSample | undefined =>
    kept
      .get(record.id)
      ?.findLast(({ at, run }) => run === record.state.startedAt && deps.clock.monotonic() - at >= SHORTEST_MS)?.sample;

  const sampleAll = async () => {
    const running = deps.store.all().filter(isRunning);
    for (const id of kept.keys()) if (!running.some(({ record }) => record.id === id)) kept.delete(id);
    for (const container of running) {
      const sample = await take(container);
      if (sample) keep(container, sample);
    }
    timer = undefined;
    if (running.length > 0) schedule(Math.max(BACKGROUND_MS, running.length * BACKGROUND_PER_CONTAINER_MS));
  };
  const schedule = (ms: number) => {
    timer ??= setTimeout(() => void sampleAll().catch(() => schedule(BACKGROUND_MS)), ms).unref();
  };

  const current = async (container: Container, before: StatsSample | undefined) => {
    const sample = isRunning(container) ? await take(container) : undefined;
    const json = sample
      ? statsJson(container.record, sample, before, { version, memoryTotal: deps.processes.hostMemory() })
      : emptyStatsJson(container.record);
    return { sample, json };
  };

  const first = async (container: Container) => {
    if (!isRunning(container)) return;
    const sample = await take(container).catch(() => undefined); // gone meanwhile
    if (sample) keep(container, sample);
  };
  /** The first sample of each run. */
  const unsubscribe = deps.events.subscribe(({ Type, Action, Actor }) => {
    if (Type !== "container" || Action !== "start") return;
    const container = deps.store.find(Actor.ID);
    // Not at once: it would compete with the start's own answer, and many containers have ended by then.
    setTimeout(() => void first(container), FIRST_MS).unref();
    schedule(BACKGROUND_MS);
  });
  // Those that ran before this engine did.
  schedule(0);

  return {
    /**
     * One answer, with the CPU use since an earlier sample. Right after a start there is none yet: it is waited for, as
     * clients rely on precpu_stats, but not with `oneShot`. Throws not-found.
     */
    async once(ref: string, { oneShot }: { oneShot: boolean }): Promise<object> {
      const container = deps.store.find(ref);
      let before = earlier(container);
      if (!before && !oneShot && isRunning(container)) {
        before = await take(container);
        await deps.clock.delay(SHORTEST_MS);
      }
      const { sample, json } = await current(container, before);
      if (sample && !earlier(container)) keep(container, sample);
      return json;
    },

    /** An answer now and every second, until the signal; also while the container does not run, as docker does. */
    async *stream(ref: string, signal: AbortSignal): AsyncGenerator<object> {
      const container = deps.store.find(ref);
      let before = earlier(container);
      while (!signal.aborted) {
        const began = deps.clock.monotonic();
        const { sample, json } = await current(container, before);
        before = sample;
        yield json;
        const rest = Math.max(0, STREAM_MS - (deps.clock.monotonic() - began));
        await deps.clock.delay(rest, signal).catch(() => {}); // aborted: the loop ends
        if (deps.store.all().every(({ record }) => record.id !== container.record.id)) return;
      }
    },

    close(): void {
      unsubscribe();
      clearTimeout(timer);
    },
  };
}

function isRunning({ record }: Container): boolean {
  return record.state.status === "running" || record.state.status === "paused";
}
