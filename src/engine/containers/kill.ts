/** Kill: send a signal; SIGKILL waits until the container has ended. */
import { conflict, EngineError } from "../errors.ts";
import type { Deps } from "./deps.ts";
import { hasProcess } from "./live.ts";
import { cancelRestart, sendSignal, signalNumber } from "./stop.ts";
import { stopSignalOf } from "./stop-signal.ts";

const SIGKILL = 9;

type KillDeps = Pick<Deps, "store" | "launcher" | "files" | "events" | "cgroups" | "clock" | "log">;

/**
 * Does not wait for its turn: a stop that waits must not keep a kill away.
 * @param signal name or number; "" is SIGKILL. Throws invalid, or conflict if the container does not run.
 */
export async function killContainer(deps: KillDeps, ref: string, signal: string): Promise<void> {
  const number = signal === "" ? SIGKILL : signalNumber(signal);
  const container = find(deps, ref);
  const { record, live } = container;
  if (record.state.status === "restarting" && (number === SIGKILL || number === stopSignalOf(record.config))) {
    record.stoppedByUser = true;
    return cancelRestart(deps, container);
  }
  const notRunning = () => conflict(`cannot kill container: ${ref}: container ${record.id} is not running`);
  if (!hasProcess(record)) throw notRunning();
  // Docker: these two mean "stop", so that no policy starts it again.
  if (number === SIGKILL || number === stopSignalOf(record.config)) record.stoppedByUser = true;
  const ended = live.exits.next();
  const delivered = await sendSignal(deps, container, number);
  if (!delivered && !hasProcess(record)) throw notRunning();
  if (number === SIGKILL) {
    await ended;
    await live.ending;
  }
}

/** Docker puts what failed before every refusal of a kill. */
function find({ store }: Pick<KillDeps, "store">, ref: string) {
  try {
    return store.find(ref);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.kind, `cannot kill container: ${ref}: ${error.message}`);
  }
}
