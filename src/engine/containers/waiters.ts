/** Something that happens again and again, and those who wait for its next time. */
export type Waiters<T> = {
  /** Resolves at the next `fire`. */
  next(): Promise<T>;
  fire(value: T): void;
};

export function waiters<T>(): Waiters<T> {
  let waiting: PromiseWithResolvers<T> | undefined;
  return {
    next() {
      waiting ??= Promise.withResolvers<T>();
      return waiting.promise;
    },
    fire(value) {
      waiting?.resolve(value);
      waiting = undefined;
    },
  };
}

/** Runs one piece of work at a time, in order of arrival; a failed one does not stop those behind it. */
export function queue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work, work);
    last = result.catch(() => {});
    return result;
  };
}
