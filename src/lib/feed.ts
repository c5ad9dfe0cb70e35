/** Updates for one reader, kept until it reads them. */
export type Feed<T> = {
  /** @param bytes that it counts for, as long as it is not read */
  tell(update: T, bytes?: number): void;
  /** What has been told and not read. */
  unreadBytes(): number;
  /** Resolves when the reader, if there is one, has taken all that has been told until now. */
  settled(): Promise<void>;
  /** Nothing more comes. */
  end(): void;
  /** All from the first to the end. One reader at a time. */
  read(): AsyncGenerator<T>;
};

export function createFeed<T>(): Feed<T> {
  const unread: T[] = [];
  const settling: (() => void)[] = [];
  let bytes = 0;
  let ended = false;
  let reading = false;
  let wake = () => {};
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
        if (reading) wake();
        else settle();
      }),
    end() {
      ended = true;
      wake();
    },
    async *read() {
      reading = true;
      try {
        for (;;) {
          const updates = unread.splice(0);
          bytes = 0;
          yield* updates;
          if (unread.length > 0) continue;
          settle();
          if (ended) return;
          const { promise, resolve } = Promise.withResolvers<void>();
          wake = resolve;
          await promise;
        }
      } finally {
        reading = false;
        settle();
      }
    },
  };
}
