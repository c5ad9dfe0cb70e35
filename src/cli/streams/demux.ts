import type { Readable, Writable } from "node:stream";

const HEADER = 8;

/**
 * Splits docker's framed stream (u8 stream, 3 zero bytes, u32 big-endian length, payload) onto two writers. A frame is
 * passed on as it arrives, not kept until it is whole; a writer that is full holds the source.
 * @param out stream 1, and what comes before the first frame; undefined drops it
 * @param err stream 2
 * @throws the engine's own error, which comes as stream 3
 */
export async function demux(source: Readable, out: Writable | undefined, err: Writable | undefined): Promise<void> {
  let header = Buffer.alloc(0);
  let left = 0;
  let stream = 0;
  let systemError = "";
  for await (const piece of source) {
    let chunk: Buffer = piece;
    while (chunk.length > 0) {
      if (left === 0) {
        const missing = HEADER - header.length;
        header = Buffer.concat([header, chunk.subarray(0, missing)]);
        chunk = chunk.subarray(missing);
        if (header.length < HEADER) break;
        stream = header.readUInt8(0);
        left = header.readUInt32BE(4);
        if (stream > 3 || header.readUIntBE(1, 3) !== 0) throw new Error(`Unrecognized input header: ${stream}`);
        header = Buffer.alloc(0);
        continue;
      }
      const part = chunk.subarray(0, left);
      left -= part.length;
      chunk = chunk.subarray(part.length);
      if (stream === 3) systemError += part.toString();
      else await write(stream === 2 ? err : out, part);
    }
  }
  if (systemError) throw new Error(`error from daemon in stream: ${systemError}`);
}

/** Writes and waits if the writer asks for it. */
export async function write(to: Writable | undefined, bytes: Uint8Array): Promise<void> {
  if (to && !to.write(bytes)) await new Promise<void>((resolve) => to.once("drain", resolve));
}

/** A stream without frames (a terminal's): all of it goes to one writer. */
export async function copy(source: Readable, out: Writable | undefined): Promise<void> {
  for await (const chunk of source) await write(out, chunk);
}
