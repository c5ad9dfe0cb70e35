/** The end of a build that nobody waits for any more. */
import { EngineError } from "../errors.ts";

export const buildCancelled = () => new EngineError("unavailable", "Build cancelled");

/** What work comes to, unless the build is cancelled before; the work itself is left to others then. */
export async function orCancelled<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const cancelled = Promise.withResolvers<never>();
  const cancel = () => cancelled.reject(buildCancelled());
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  try {
    return await Promise.race([work, cancelled.promise]);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
