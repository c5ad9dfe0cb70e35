/** A container as the engine holds it: the record that is stored, and what lives only while the engine does. */

import type { Plan } from "../../isolation/plan.ts";
import type { ProcessRef } from "../../isolation/spec.ts";
import type {
  ContainerConfig,
  ContainerStatus,
  EndpointSettings,
  HealthState,
  HostConfig,
  MountPoint,
} from "../../wire/container.ts";
import type { ContainerLayer, Endpoint, MonitorChannel, PublishedPort } from "../ports.ts";
import type { MountDetail } from "./mount-texts.ts";

export type ContainerState = {
  status: ContainerStatus;
  /** PID 1 of the container on the host; absent when it does not run. */
  process?: ProcessRef;
  monitorPid?: number;
  exitCode: number;
  error: string;
  /** RFC3339Nano; "0001-01-01T00:00:00Z" for never, as docker has it. */
  startedAt: string;
  /** The same moment by the clock that never jumps (Clock.monotonic): durations are counted from it. */
  startedMonotonic?: number;
  finishedAt: string;
  oomKilled: boolean;
  health?: HealthState;
};

/** Stored in SQLite as it is (JSON). */
export type ContainerRecord = {
  id: string;
  /** without the leading slash */
  name: string;
  created: string;
  /** entry point or command after the merge with the image's */
  path: string;
  args: string[];
  /** as the user typed it */
  image: string;
  imageId: string;
  /** bottom first */
  diffIds: string[];
  platform: string;
  config: ContainerConfig;
  hostConfig: HostConfig;
  /** as asked for at create or connect; network name -> settings */
  networking: Record<string, EndpointSettings>;
  mounts: MountPoint[];
  /** by destination: what of a mount only the start needs to know */
  mountDetails?: Record<string, MountDetail>;
  state: ContainerState;
  /** how the last run ended, as its monitor has told it; absent before the first end, and when the monitor died */
  lastExit?: { signal: number; counters: Record<string, number>; process?: ProcessRef };
  restartCount: number;
  /** stop, kill or rm were asked for: restart policies respect it. */
  stoppedByUser: boolean;
  /** Its removal has begun, and its anonymous volumes go (not) with it: whoever finishes it must know. */
  removeVolumes?: boolean;
  /** while it runs */
  endpoints: Endpoint[];
  ports: PublishedPort[];
  /** cgroup path below each hierarchy, e.g. /docker/<id> */
  cgroupPath: string;
  /** where its layers are, for inspect */
  layer?: ContainerLayer;
  /** the plan of the last start and its timings, for explain */
  plan?: { plan: Plan; timings: [number, number][] };
};

/** The output of a running container inside the engine: attach clients come before and after the start. */
export interface ContainerStreams {
  /** Somebody attached before the start: the plan subscribes the channel from the first byte. */
  readonly wanted: boolean;
  /** Called by start with the new channel, before any output of it is lost. */
  bind(channel: MonitorChannel): void;
  /** The start failed, or the container is gone: attach clients are closed. */
  abandon(): void;
}

export type Container = {
  record: ContainerRecord;
  streams: ContainerStreams;
  /** ids of execs that were made in it, in order (inspect's ExecIDs shows the running ones). */
  execIds: Set<string>;
  /** Runs one change of state at a time (start, stop, remove …), in order of arrival. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves with the exit code at the next end of PID 1. */
  nextExit(): Promise<{ exitCode: number; error?: string }>;
  /** Resolves when the container has been removed. */
  removed(): Promise<{ exitCode: number; error?: string }>;
};

/** What other verbs need of the store (engine/containers/store.ts). */
export interface ContainerStore {
  /** By full id, unique id prefix or name (with or without slash). Throws not-found "No such container: REF" or invalid on an ambiguous prefix. */
  find(ref: string): Container;
  all(): Container[];
  /** Persist the record. */
  save(container: Container): void;
}
