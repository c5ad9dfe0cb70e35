/** Stop: the stop signal, some patience, then SIGKILL. */
import { parseSignal } from "../../kernel/signals.ts";
import { invalid, notModified } from "../errors.ts";
import { signalContainer } from "./control.ts";
import type { Deps } from "./deps.ts";
import { hasProcess, isRunning, type LiveContainer } from "./live.ts";
import { publish } from "./publish.ts";
import { saveOrRetry } from "./save.ts";
import { stopSignalOf } from "./stop-signal.ts";

export type StopOptions = {
  /** name or number; absent: the container's own */
  signal?: string;
  /** seconds before SIGKILL; negative: wait for ever; absent: the container's own (10) */
  timeout?: number;
};

type StopDeps = Pick<Deps, "store" | "launcher" | "files" | "events" | "cgroups" | "clock" | "log">;

/** Throws not-modified if it does not run, invalid on an unknown signal. */
export async function stopContainer(deps: StopDeps, ref: string, options: StopOptions): Promise<void> {
  const container = deps.store.find(ref);
  const signal = options.signal ? signalNumber(options.signal) : undefined;
  if (!isRunning(container.record)) throw notModified();
  await container.exclusive(async () => {
    if (isRunning(container.record)) await stop(deps, container, { ...options, signal });
  });
}

/** With the container's exclusive turn held; returns when it has ended and its network is released. */
export async function stop(
  deps: StopDeps,
  container: LiveContainer,
  options: { signal?: number | undefined; timeout?: number },
): Promise<void> {
  const { record, live } = container;
  record.stoppedByUser = true;
  if (hasProcess(record)) {
    const stopped = live.stops.next();
    await endProcess(deps, container, {
      signal: options.signal ?? stopSignalOf(record.config),
      timeout: options.timeout ?? record.config.StopTimeout ?? DEFAULT_TIMEOUT,
    });
    await stopped;
  } else {
    cancelRestart(deps, container);
  }
  await live.ending;
  publish(deps.events, record, "stop");
}

const DEFAULT_TIMEOUT = 10;
const SIGKILL = 9;

async function endProcess(
  deps: StopDeps,
  container: LiveContainer,
  { signal, timeout }: { signal: number; timeout: number },
): Promise<void> {
  const { record, live } = container;
  const ended = live.exits.next();
  saveOrRetry(deps, container);
  await sendSignal(deps, container, signal);
  if (timeout < 0) return void (await ended);
  const waiting = new AbortController();
  const inTime = await Promise.race([
    ended.then(() => true),
    deps.clock.delay(timeout * 1000, waiting.signal).then(
      () => false,
      () => true,
    ),
  ]);
  waiting.abort();
  if (!inTime && hasProcess(record)) await sendSignal(deps, container, SIGKILL);
  await ended;
}

/** Send it, tell the world, and wake a paused container: a frozen process handles no signal, not even SIGKILL on v1. */
export async function sendSignal(
  deps: Pick<Deps, "launcher" | "files" | "events" | "cgroups" | "store">,
  container: LiveContainer,
  signal: number,
): Promise<boolean> {
  const { record } = container;
  const delivered = await signalContainer(deps, container, signal);
  if (delivered) publish(deps.events, record, "kill", { signal: String(signal) });
  if (record.state.status === "paused" && (signal === SIGKILL || record.stoppedByUser)) {
    await deps.cgroups.thaw(record.cgroupPath);
    if (record.state.status === "paused") {
      record.state.status = "running";
      if (signal !== SIGKILL) publish(deps.events, record, "unpause");
    }
  }
  return delivered;
}

/** A container that waits for its policy's restart has no process: it has ended with its last exit code. */
export function cancelRestart(deps: Pick<Deps, "store" | "clock" | "log">, container: LiveContainer): void {
  const { record, live } = container;
  live.restart?.abort();
  live.restart = undefined;
  record.state.status = "exited";
  saveOrRetry(deps, container);
  live.stops.fire({ exitCode: record.state.exitCode });
}

/** Throws invalid with docker's text. */
export function signalNumber(text: string): number {
  try {
    return parseSignal(text);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : `invalid signal: ${text}`);
  }
}
