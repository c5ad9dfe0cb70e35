/** Bytes of a stream, taken in the sizes that a format asks for. */
import { invalid } from "../../engine/errors.ts";

export type ByteSource = {
  /** Exactly so many bytes; undefined when the stream ended before the first of them. Throws when it ends within. */
  take(length: number): Promise<Buffer | undefined>;
  /** So many bytes in the pieces in which they come. */
  pieces(length: number): AsyncGenerator<Buffer>;
  /** Read to the end and throw away. */
  drain(): Promise<void>;
};

export const truncated = () => invalid("unexpected EOF");

export function byteSource(stream: AsyncIterable<Buffer>): ByteSource {
  const iterator = stream[Symbol.asyncIterator]();
  let have: Buffer = Buffer.alloc(0);

  /** false at the end of the stream */
  async function more(): Promise<boolean> {
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) return false;
      if (value.length === 0) continue;
      have = have.length === 0 ? value : Buffer.concat([have, value]);
      return true;
    }
  }

  return {
    async take(length) {
      while (have.length < length) {
        if (await more()) continue;
        if (have.length === 0) return undefined;
        throw truncated();
      }
      const taken = have.subarray(0, length);
      have = have.subarray(length);
      return taken;
    },
    async *pieces(length) {
      let left = length;
      while (left > 0) {
        if (have.length === 0 && !(await more())) throw truncated();
        const piece = have.length > left ? have.subarray(0, left) : have;
        have = have.subarray(piece.length);
        left -= piece.length;
        yield piece;
      }
    },
    async drain() {
      do have = Buffer.alloc(0);
      while (await more());
    },
  };
}
