/** Talking to the monitor of a running container. */
import { EngineError } from "../errors.ts";
import type { MonitorChannel } from "../ports.ts";
import type { Deps } from "./deps.ts";
import type { LiveContainer } from "./live.ts";

/** Use this connection from now on, until it closes. */
export function adoptChannel(container: LiveContainer, channel: MonitorChannel): void {
  container.live.channel = channel;
  void channel.closed.then(() => {
    if (container.live.channel === channel) container.live.channel = undefined;
  });
}

/** An open connection to the container's monitor. Throws not-found when the monitor is gone. */
export async function monitorOf(
  deps: Pick<Deps, "launcher" | "files">,
  container: LiveContainer,
): Promise<MonitorChannel> {
  if (container.live.channel) return container.live.channel;
  const channel = await deps.launcher.connect(deps.files.of(container.record.id).socket);
  adoptChannel(container, channel);
  return channel;
}

/**
 * Send a signal to PID 1. The monitor holds a pidfd: a reused PID is never hit.
 * @returns false when the process is gone already
 */
export async function signalContainer(
  deps: Pick<Deps, "launcher" | "files">,
  container: LiveContainer,
  signal: number,
): Promise<boolean> {
  try {
    const channel = await monitorOf(deps, container);
    await channel.signal(signal);
    return true;
  } catch (error) {
    if (error instanceof EngineError && (error.kind === "conflict" || error.kind === "not-found")) return false;
    throw error;
  }
}
