/** What work comes to, unless a signal fires before: then `why` is thrown, and the work itself is left to others. */
export async function orAborted<T>(signal: AbortSignal, work: Promise<T>, why: () => Error): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(why());
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
