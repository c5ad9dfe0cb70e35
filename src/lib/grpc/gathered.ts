/** Bytes that come in pieces, as one: small pieces take no more room than large ones. */
export type Gathered = {
  readonly length: number;
  add(piece: Uint8Array): void;
  /** All that has come, not copied: what is added later does not change it. */
  bytes(): Buffer;
};

/** @param first what it begins with, which is copied */
export function gathered(first: Uint8Array = new Uint8Array()): Gathered {
  let room = Buffer.from(first);
  let length = first.length;
  return {
    get length() {
      return length;
    },
    add(piece) {
      const needed = length + piece.length;
      if (needed > room.length) {
        const larger = Buffer.allocUnsafe(Math.max(2 * room.length, needed));
        larger.set(room.subarray(0, length));
        room = larger;
      }
      room.set(piece, length);
      length = needed;
    },
    bytes: () => room.subarray(0, length),
  };
}
