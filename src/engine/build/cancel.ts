/** The end of a build that nobody waits for any more. */
import { orAborted } from "../../lib/or-aborted.ts";
import { EngineError } from "../errors.ts";

export const buildCancelled = () => new EngineError("unavailable", "Build cancelled");

/** What work comes to, unless the build is cancelled before; the work itself is left to others then. */
export function orCancelled<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return orAborted(signal, work, buildCancelled);
}
