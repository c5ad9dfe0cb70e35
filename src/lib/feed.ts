/** Updates, kept until somebody reads them. */
export type Feed<T> = {
  /** @param bytes that it counts for, as long as it is not read */
  tell(update: T, bytes?: number): void;
  /** What has been told and not read. */
  unreadBytes(): number;
  /** Resolves when the reader, if there is one, has taken all that has been told until now. */
  settled(): Promise<void>;
  /** Nothing more comes. */
  end(): void;
  /** All to the end, or until a signal fires. What one reader has had no other gets. */
  read(signal?: AbortSignal): AsyncGenerator<T>;
};

export function createFeed<T>(): Feed<T> {
  const unread: T[] = [];
  const settling: (() => void)[] = [];
  let bytes = 0;
  let ended = false;
  let readers = 0;
  const sleepers = new Set<() => void>();
  const wake = () => {
    for (const sleeper of sleepers) sleeper();
    sleepers.clear();
  };
  const settle = () => {
    for (const resolve of settling.splice(0)) resolve();
  };
  return {
    tell(update, more = 0) {
      unread.push(update);
      bytes += more;
      wake();
    },
    unreadBytes: () => bytes,
    settled: () =>
      new Promise((resolve) => {
        settling.push(resolve);
        if (readers > 0) wake();
        else settle();
      }),
    end() {
      ended = true;
      wake();
    },
    async *read(signal) {
      readers++;
      signal?.addEventListener("abort", wake);
      try {
        while (!signal?.aborted) {
          const updates = unread.splice(0);
          bytes = 0;
          yield* updates;
          if (unread.length > 0) continue;
          settle();
          if (ended) return;
          await new Promise<void>((resolve) => sleepers.add(resolve));
        }
      } finally {
        signal?.removeEventListener("abort", wake);
        readers--;
        settle();
      }
    },
  };
}
