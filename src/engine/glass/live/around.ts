/** The host's processes for all topics that tell of them: looked at once per tick, while some topic is listened to. */
import type { Owner } from "../../../wire/glass.ts";
import type { ContainerStore } from "../../containers/container.ts";
import type { EventBus } from "../../events.ts";
import type { GlassHost, Observed, ProcessWatch } from "../ports.ts";
import { type LookAround, ownerIn, surroundings } from "../surroundings.ts";

export type Around = {
  /** @returns how to say that one does not need it any more */
  use(): () => void;
  /** Of this tick. */
  now(): Promise<LookAround>;
  owner(process: Observed): Owner;
};

/** Two that ask within this time are answered with the same. ms */
const SAME_MS = 500;

export function createAround(deps: {
  host: GlassHost;
  store: Pick<ContainerStore, "all">;
  events: Pick<EventBus, "subscribe">;
}): Around {
  let users = 0;
  let watch: ProcessWatch | undefined;
  let stop = () => {};
  let last: { at: number; answer: Promise<LookAround> } | undefined;
  let before: { owners: object; of: LookAround } | undefined;
  let owners = new WeakMap<Observed, Owner>();
  let known: Parameters<typeof ownerIn>[1] = [];
  let hostNamespaces: LookAround["hostNamespaces"] = {};

  const owner = (process: Observed): Owner => {
    const remembered = owners.get(process);
    if (remembered) return remembered;
    const found = ownerIn(process, known, hostNamespaces);
    owners.set(process, found);
    return found;
  };
  const look = async () => {
    watch ??= deps.host.watchProcesses();
    const processes = await watch.look();
    hostNamespaces = await deps.host.hostNamespaces();
    known = deps.store.all().map(({ record }) => record);
    // Most ticks bring nothing new: who lives in which namespace need not be worked out again.
    const same =
      before?.owners === owners &&
      before.of.unreadable === processes.unreadable &&
      sameItems(before.of.seen, processes.seen);
    if (!same || before === undefined) before = { owners, of: surroundings(processes, hostNamespaces, owner) };
    return before.of;
  };
  return {
    owner,
    now() {
      if (last === undefined || performance.now() - last.at > SAME_MS) last = { at: performance.now(), answer: look() };
      return last.answer;
    },
    use() {
      users++;
      if (users === 1) {
        // Names are part of the answer.
        stop = deps.events.subscribe(({ Action }) => {
          if (Action === "rename") owners = new WeakMap();
        });
      }
      let released = false;
      return () => {
        if (released) return;
        released = true;
        if (--users > 0) return;
        stop();
        watch = undefined;
        last = undefined;
        before = undefined;
        owners = new WeakMap();
      };
    },
  };
}

const sameItems = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((item, at) => item === b[at]);
