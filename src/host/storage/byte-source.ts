/** Bytes of a stream, taken in the sizes that a format asks for. */
import { invalid } from "../../engine/errors.ts";

/** What a stream of bytes brings at a time. */
export type Bytes = Buffer | readonly Buffer[];

export function piecesOf(bytes: Bytes): readonly Buffer[] {
  return Buffer.isBuffer(bytes) ? [bytes] : bytes;
}

export type ByteSource = {
  /** Exactly so many bytes; undefined when the stream ended before the first of them. Throws when it ends within. */
  take(length: number): Promise<Buffer | undefined>;
  /** So many bytes in the pieces in which they come. */
  pieces(length: number): AsyncGenerator<Buffer>;
  /** The same, all pieces at once that are there. */
  batches(length: number): AsyncGenerator<Buffer[]>;
  /** Read to the end and throw away. */
  drain(): Promise<void>;
};

export const truncated = () => invalid("unexpected EOF");

export function byteSource(stream: AsyncIterable<Bytes>): ByteSource {
  const iterator = stream[Symbol.asyncIterator]();
  let queue: Buffer[] = [];
  let size = 0;

  /** false at the end of the stream */
  async function more(): Promise<boolean> {
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) return false;
      for (const piece of piecesOf(value)) {
        if (piece.length === 0) continue;
        queue.push(piece);
        size += piece.length;
      }
      if (size > 0) return true;
    }
  }

  /** What is there, in one piece, but no more than that. */
  function cut(most: number): Buffer {
    const piece = queue.shift() ?? Buffer.alloc(0);
    size -= Math.min(piece.length, most);
    if (piece.length <= most) return piece;
    queue.unshift(piece.subarray(most));
    return piece.subarray(0, most);
  }

  /** So many bytes that are there. */
  function cutAll(length: number): Buffer[] {
    const parts: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const part = cut(left);
      left -= part.length;
      parts.push(part);
    }
    return parts;
  }

  return {
    async take(length) {
      while (size < length) {
        if (await more()) continue;
        if (size === 0) return undefined;
        throw truncated();
      }
      const [first = Buffer.alloc(0), ...others] = cutAll(length);
      return others.length === 0 ? first : Buffer.concat([first, ...others], length);
    },
    async *pieces(length) {
      for (let left = length; left > 0; ) {
        if (size === 0 && !(await more())) throw truncated();
        const piece = cut(left);
        left -= piece.length;
        yield piece;
      }
    },
    async *batches(length) {
      for (let left = length; left > 0; ) {
        if (size === 0 && !(await more())) throw truncated();
        const here = Math.min(size, left);
        left -= here;
        yield cutAll(here);
      }
    },
    async drain() {
      do {
        queue = [];
        size = 0;
      } while (await more());
    },
  };
}
