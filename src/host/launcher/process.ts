/** A launcher's process: forked ahead of its plan by the launcher server, connected to this engine by two sockets. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { internal } from "../../engine/errors.ts";
import { spawnHelper } from "./helper.ts";

export type LauncherProcess = {
  /** plan down, events up (its fd 3 and 4) */
  control: Socket;
  /** its fd 5 */
  channel: Socket;
  /** Whether the engine's event loop waits for it. */
  ref(): void;
  unref(): void;
};

export type LauncherServer = {
  /** A new launcher, waiting for its plan. @throws EngineError internal when none can be forked */
  fork(): Promise<LauncherProcess>;
  close(): Promise<void>;
};

type Waiting = PromiseWithResolvers<LauncherProcess>;

/**
 * Node's own spawn forks the whole engine, which takes tens of milliseconds; `launcher --serve` forks itself in a fraction of one
 * (native/serve.h). It ends when this process does; the launchers that it forked go on.
 * @param path the sealed copy of the launcher
 * @param socketPath where launchers connect to; replaced if it exists
 */
export async function startLauncherServer(path: string, socketPath: string): Promise<LauncherServer> {
  let waiting: Waiting[] = [];
  let control: Socket | undefined;
  // They come in pairs, in the order in which they were asked for: one process makes all connections.
  const server = createServer((socket) => {
    socket.on("error", () => {}); // its end is told by "close"
    if (!control) {
      control = socket;
      return;
    }
    const launcher = pair(control, socket);
    control = undefined;
    const next = waiting.shift();
    if (next) next.resolve(launcher);
    else launcher.control.destroy();
  });
  await rm(socketPath, { force: true });
  server.listen(socketPath);
  await once(server, "listening");
  // Whoever connects is taken for a launcher.
  chmodSync(socketPath, 0o600);
  server.unref();

  let child: ChildProcess | undefined;
  const failAll = (reason: string) => {
    for (const { reject } of waiting) reject(internal(`no launcher can be started: ${reason}`));
    waiting = [];
    control = undefined;
    child = undefined;
  };
  return {
    fork() {
      child ??= startServing(path, socketPath, failAll);
      const launcher = Promise.withResolvers<LauncherProcess>();
      waiting.push(launcher);
      child.stdin?.write("+");
      return launcher.promise;
    },
    async close() {
      child?.stdin?.end();
      // Channels of running containers are connections of this server: only new ones are refused from now on.
      server.close();
      await rm(socketPath, { force: true });
    },
  };
}

function startServing(path: string, socketPath: string, onEnd: (reason: string) => void): ChildProcess {
  const child = spawnHelper(path, ["--serve", socketPath], { title: "cloche:launcher", output: "ignore" });
  child.on("error", (error) => onEnd(error.message));
  child.on("exit", (code, signal) => onEnd(signal ?? `exit status ${code}`));
  return child;
}

function pair(control: Socket, channel: Socket): LauncherProcess {
  return {
    control,
    channel,
    ref() {
      control.ref();
      channel.ref();
    },
    unref() {
      control.unref();
      channel.unref();
    },
  };
}
