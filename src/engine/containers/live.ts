/** What belongs to a container only while this engine lives; everything else is in its record. */
import type { MonitorChannel } from "../ports.ts";
import type { Container, ContainerRecord, ContainerStreams } from "./container.ts";
import { queue, type Waiters, waiters } from "./waiters.ts";

export type ExitStatus = { exitCode: number; error?: string };

export type LiveContainer = Container & { live: Live };

export type Live = {
  /** A connection to the monitor, if one is open; control.ts opens another when needed. */
  channel: MonitorChannel | undefined;
  /** The end of the last run is being worked off (network, leftovers): start and remove wait for it. */
  ending: Promise<void> | undefined;
  /** Stops the restart that the policy has in mind. */
  restart: AbortController | undefined;
  /** milliseconds before the next restart by the policy */
  backoff: number;
  /** of the monotonic clock, when PID 1 started: decides whether the back-off starts anew */
  startedAt: number;
  /** A start is being carried out: what it makes has no record yet. */
  starting: boolean;
  removing: boolean;
  /** A restart is under way: `--rm` must not remove what is about to run again. */
  keep: boolean;
  /** PID 1 has ended. */
  exits: Waiters<ExitStatus>;
  /** PID 1 has ended, and no policy starts it again. */
  stops: Waiters<ExitStatus>;
  removals: Waiters<ExitStatus>;
};

/** @param streams where its output goes inside the engine */
export function liveContainer(record: ContainerRecord, streams: ContainerStreams): LiveContainer {
  const exits = waiters<ExitStatus>();
  const removals = waiters<ExitStatus>();
  return {
    record,
    streams,
    execIds: new Set(),
    exclusive: queue(),
    nextExit: () => exits.next(),
    removed: () => removals.next(),
    live: {
      channel: undefined,
      ending: undefined,
      restart: undefined,
      backoff: 0,
      startedAt: 0,
      starting: false,
      removing: false,
      keep: false,
      exits,
      stops: waiters(),
      removals,
    },
  };
}

/** Running in docker's sense: paused containers and those about to be restarted count. */
export function isRunning({ state }: Pick<ContainerRecord, "state">): boolean {
  return state.status === "running" || state.status === "paused" || state.status === "restarting";
}

/** There is a process: restarting containers have none. */
export function hasProcess({ state }: Pick<ContainerRecord, "state">): boolean {
  return state.status === "running" || state.status === "paused";
}

/** How a container's last run ended. */
export function exitOf({ state: { exitCode, error } }: Pick<ContainerRecord, "state">): ExitStatus {
  return { exitCode, ...(error && { error }) };
}
