/** The launcher's program as a process that serves the engine for its whole life. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";

/**
 * Empty environment, the root as directory: what containers could see of it is nothing. In a session of its own, as a terminal's
 * Ctrl-C is for the engine; the engine's end is told by the end of stdin. The event loop does not wait for it.
 * @param path of the sealed copy of the launcher
 * @param options.title what ps(1) calls it
 * @returns its end, and that it could not be started, are told by its events
 */
export function spawnHelper(
  path: string,
  args: string[],
  { title, output }: { title: string; output: "pipe" | "ignore" },
): ChildProcess {
  const child = spawn(path, args, {
    argv0: title,
    env: {},
    cwd: "/",
    detached: true,
    stdio: ["pipe", output, output],
  });
  child.stdin?.on("error", () => {}); // its end is told by "exit"
  child.unref();
  // The types know only what is always there: a pipe is a socket.
  for (const stream of child.stdio) (stream as Socket | null)?.unref();
  return child;
}
