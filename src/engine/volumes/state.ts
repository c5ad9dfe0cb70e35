/** What the verbs of this folder share. */
import type { ContainerStore } from "../containers/container.ts";
import { notFound } from "../errors.ts";
import type { EventBus } from "../events.ts";
import type { RecordTable } from "../networks/network.ts";
import type { Clock } from "../ports.ts";
import type { VolumeHost, VolumeRecord } from "./volume.ts";

export type VolumeDeps = {
  table: RecordTable<VolumeRecord>;
  host: VolumeHost;
  store: Pick<ContainerStore, "all">;
  events: EventBus;
  clock: Pick<Clock, "now">;
  newId: () => string;
  log: (message: string) => void;
};

export type VolumeState = VolumeDeps & {
  volumes: Map<string, VolumeRecord>;
  /** volume -> containers that use it, from their creation until their removal */
  users: Map<string, Set<string>>;
  /** One change of a volume at a time. */
  exclusive: Turns;
};

/** Runs what is to be done under a name one after the other. */
export type Turns = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** @throws EngineError not-found "get X: no such volume" */
export function findVolume(state: Pick<VolumeState, "volumes">, name: string): VolumeRecord {
  const record = state.volumes.get(name);
  if (record === undefined) throw notFound(`get ${name}: no such volume`);
  return record;
}

export function usersOf(state: Pick<VolumeState, "users">, name: string): string[] {
  return [...(state.users.get(name) ?? [])];
}

/** A chain of promises for each name that is being worked on. */
export function exclusiveByName(): Turns {
  const tails = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const result = (tails.get(name) ?? Promise.resolve()).then(work);
    const tail = result
      .catch(() => {})
      .then(() => {
        if (tails.get(name) === tail) tails.delete(name);
      });
    tails.set(name, tail);
    return result;
  };
}
