/** Streams of bytes by the batch: what has come together is handed on together, so that each wait is for many pieces. */
import { finished, Readable } from "node:stream";

/** Pieces that wait to be handed on together. */
export type Batch = {
  add(piece: Buffer): void;
  /** bytes */
  readonly size: number;
  /** All that waits; none does afterwards. */
  take(): Buffer[];
};

export function newBatch(): Batch {
  let pieces: Buffer[] = [];
  let size = 0;
  return {
    add(piece) {
      pieces.push(piece);
      size += piece.length;
    },
    get size() {
      return size;
    },
    take() {
      const taken = pieces;
      pieces = [];
      size = 0;
      return taken;
    },
  };
}

/** @returns bytes */
export function totalLength(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/**
 * What a stream has brought since the last time.
 * @param ahead from so many bytes on that nobody has taken, the stream is paused
 * @throws the stream's error, or ERR_STREAM_PREMATURE_CLOSE, after all that came before it
 */
export async function* inBatches(stream: Readable, ahead: number): AsyncGenerator<Buffer[]> {
  const waiting = newBatch();
  let wake: (() => void) | undefined;
  let end: { error: unknown } | undefined;
  const onData = (piece: Buffer) => {
    waiting.add(piece);
    if (waiting.size >= ahead) stream.pause();
    // When this turn of the event loop is over: the kernel may have more for us now.
    if (wake) setImmediate(wake);
    wake = undefined;
  };
  const forget = finished(stream, { writable: false }, (error) => {
    end = { error };
    wake?.();
  });
  stream.on("data", onData);
  try {
    for (;;) {
      if (waiting.size > 0) {
        const batch = waiting.take();
        if (stream.isPaused()) stream.resume();
        yield batch;
      } else if (end) {
        if (end.error) throw end.error;
        return;
      } else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stream.off("data", onData);
    forget();
  }
}

/** One piece after the other. */
export async function* eachPiece(batches: AsyncIterable<readonly Buffer[]>): AsyncGenerator<Buffer> {
  for await (const batch of batches) yield* batch;
}

/** A stream of the pieces of batches; a batch goes out as one, without a wait in between. */
export function outOfBatches(batches: AsyncIterable<readonly Buffer[]>, highWaterMark: number): Readable {
  const iterator = batches[Symbol.asyncIterator]();
  async function pushNext(stream: Readable): Promise<void> {
    for (let pushed = 0; pushed === 0; ) {
      const { done, value } = await iterator.next();
      if (done) {
        stream.push(null);
        return;
      }
      for (const piece of value) stream.push(piece);
      pushed = value.length;
    }
  }
  return new Readable({
    highWaterMark,
    read() {
      pushNext(this).catch((error: unknown) => this.destroy(error as Error));
    },
    destroy(error, done) {
      // Its end is not waited for: it may stand in a wait that only the other side's end will finish.
      iterator.return?.().catch(() => {});
      done(error);
    },
  });
}
