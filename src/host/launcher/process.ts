/** A launcher's process: started ahead of its plan, on its own three pipes. */
import { spawn } from "node:child_process";
import type { Socket } from "node:net";

export type LauncherProcess = {
  plan: Socket;
  events: Socket;
  channel: Socket;
  /** Resolves with the reason when the process has ended; "" if it did so on its own account with status 0. */
  ended: Promise<string>;
  /** Whether the engine's event loop waits for it. */
  ref(): void;
  unref(): void;
};

/**
 * Start a launcher. It waits for its plan; end of file instead of one ends it, so that a spare one goes when the engine
 * is killed. The environment is empty, the directory the root; nobody else's descriptors get in (libuv marks ours close-on-exec).
 * @param path the sealed copy
 */
export function startLauncher(path: string): LauncherProcess {
  const child = spawn(path, [], {
    argv0: "cloche:launcher",
    env: {},
    cwd: "/",
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe", "pipe"],
  });
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  child.on("error", (error) => resolve(error.message));
  child.on("exit", (code, signal) => resolve(signal ?? (code === 0 ? "" : `exit status ${code}`)));
  // The types know only what is always there; fd 3 to 5 are sockets, because stdio says "pipe" for them.
  const [plan, events, channel] = child.stdio.slice(3) as unknown as [Socket, Socket, Socket];
  plan.on("error", () => {}); // its early end is told by `ended` and by the events
  events.on("error", () => {});
  const handles = [child, plan, events, channel];
  return {
    plan,
    events,
    channel,
    ended,
    ref: () => handles.forEach((handle) => void handle.ref()),
    unref: () => handles.forEach((handle) => void handle.unref()),
  };
}
