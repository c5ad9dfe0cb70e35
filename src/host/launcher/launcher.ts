/** The engine's launcher port: native/ from Node's side. */
import type { Launcher } from "../../engine/ports.ts";
import { monitorChannel } from "./channel.ts";
import { connectMonitor } from "./connect.ts";
import { readExitRecord } from "./exit-record.ts";
import { launch, launchStream } from "./launch.ts";
import { type LauncherProcess, type LauncherServer, startLauncherServer } from "./process.ts";
import { seal } from "./seal.ts";

/** Milliseconds after a start in which the engine has better things to do than to fork. */
const refillDelay = 20;

/**
 * Seal the launcher and keep one spare process of it: to fork an engine's address space takes longer than a whole launch.
 * @param binary path of native/build/launcher
 * @param socket path at which launchers connect to this engine, in a directory that is only ours
 * @throws Error when the binary cannot be run
 */
export async function createLauncher({
  binary,
  socket,
}: {
  binary: string;
  socket: string;
}): Promise<Launcher & { /** of the sealed copy */ path: string; close(): Promise<void> }> {
  const { path, close: unseal } = await seal(binary);
  const spares = spareLaunchers(await startLauncherServer(path, socket));
  const withSpare = async <T>(work: (spare: LauncherProcess) => Promise<T>): Promise<T> => {
    try {
      return await work(await spares.take());
    } finally {
      spares.refillSoon();
    }
  };
  return {
    path,
    launch: (plan, placeKeeper) => withSpare((spare) => launch(spare, plan, placeKeeper)),
    launchStream: (plan) => withSpare((spare) => launchStream(spare, plan)),
    async connect(socketPath) {
      const connectAgain = () => connectMonitor(socketPath);
      return monitorChannel(await connectAgain(), { connectAgain });
    },
    readExitRecord,
    /** Ends the spare one. Monitors go on, and so do their channels. */
    async close() {
      await spares.close();
      await unseal();
    },
  };
}

/** One launcher more than is needed: its fork and its connections are over when a start asks for it. */
function spareLaunchers(server: LauncherServer) {
  let spare: Promise<LauncherProcess> | undefined;
  let closed = false;
  function refill(): void {
    if (spare || closed) return;
    const forked = server.fork();
    const forget = () => {
      if (spare === forked) spare = undefined;
    };
    spare = forked;
    // It does not end on its own; if somebody kills it, the next start shall not find a dead one.
    forked.then((launcher) => {
      launcher.unref();
      launcher.control.once("close", forget);
    }, forget);
  }
  refill();
  return {
    take(): Promise<LauncherProcess> {
      const taken = spare ?? server.fork();
      spare = undefined;
      return taken;
    },
    refillSoon: () => void setTimeout(refill, refillDelay).unref(),
    async close(): Promise<void> {
      closed = true;
      const last = spare;
      spare = undefined;
      (await last?.catch(() => undefined))?.control.end();
      await server.close();
    },
  };
}
