/** The engine's launcher port: native/ from Node's side. */
import type { Launcher } from "../../engine/ports.ts";
import { monitorChannel } from "./channel.ts";
import { connectMonitor } from "./connect.ts";
import { readExitRecord } from "./exit-record.ts";
import { launch } from "./launch.ts";
import { type LauncherProcess, startLauncher } from "./process.ts";
import { seal } from "./seal.ts";

/** Milliseconds after a start in which the engine has better things to do than to fork. */
const refillDelay = 20;

/**
 * Seal the launcher and keep one spare process of it: to fork an engine's address space takes longer than a whole launch.
 * @param binary path of native/build/launcher
 * @throws Error when the binary cannot be run
 */
export async function createLauncher({ binary }: { binary: string }): Promise<Launcher & { close(): Promise<void> }> {
  const { path, close: unseal } = await seal(binary);
  const spares = spareLaunchers(path);
  return {
    async launch(plan) {
      try {
        return await launch(spares.take(), plan);
      } finally {
        spares.refillSoon();
      }
    },
    async connect(socketPath) {
      const connectAgain = () => connectMonitor(socketPath);
      return monitorChannel(await connectAgain(), { connectAgain });
    },
    readExitRecord,
    /** Ends the spare one. Monitors go on, and so do their channels. */
    async close() {
      spares.close();
      await unseal();
    },
  };
}

function spareLaunchers(path: string) {
  let spare: LauncherProcess | undefined;
  let closed = false;
  function refill(): void {
    if (spare || closed) return;
    const launcher = startLauncher(path);
    launcher.unref();
    spare = launcher;
    // It does not end on its own; if somebody kills it, the next start shall not find a dead one.
    void launcher.ended.then(() => {
      if (spare === launcher) spare = undefined;
    });
  }
  refill();
  return {
    take(): LauncherProcess {
      const taken = spare ?? startLauncher(path);
      spare = undefined;
      return taken;
    },
    refillSoon: () => void setTimeout(refill, refillDelay).unref(),
    close(): void {
      closed = true;
      spare?.plan.end();
      spare = undefined;
    },
  };
}
