/** Frames of a monitor's channel: docs/protocol.md. Docker's own stream format, with a few types of our own. */

export const frameType = {
  stdin: 0,
  stdout: 1,
  stderr: 2,
  subscribe: 16,
  closeStdin: 17,
  resize: 18,
  signal: 19,
  packed: 20,
  reply: 32,
  ended: 33,
} as const;

const headerSize = 8;

/** @param payload at most 4 GiB */
export function encodeFrame(type: number, payload: Uint8Array = new Uint8Array()): Buffer {
  return Buffer.concat([frameHeader(type, payload.length), payload]);
}

export function frameHeader(type: number, length: number): Buffer {
  const header = Buffer.alloc(headerSize);
  header[0] = type;
  header.writeUInt32BE(length, 4);
  return header;
}

/**
 * A parser that is fed bytes as they come. Output frames are handed on in parts as they arrive, all others whole.
 * @param onFrame payloads are views of the chunks that were fed
 */
export function frameParser(onFrame: (type: number, payload: Buffer) => void): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  let type = 0;
  /** payload bytes of an output frame that are still to come */
  let left = 0;
  return (chunk) => {
    let bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    while (bytes.length > 0) {
      if (left > 0) {
        const part = bytes.subarray(0, left);
        left -= part.length;
        bytes = bytes.subarray(part.length);
        onFrame(type, part);
        continue;
      }
      if (bytes.length < headerSize) break;
      type = bytes[0] ?? 0;
      const length = bytes.readUInt32BE(4);
      if (type === frameType.stdout || type === frameType.stderr) left = length;
      else if (bytes.length < headerSize + length) break;
      else onFrame(type, bytes.subarray(headerSize, headerSize + length));
      bytes = bytes.subarray(left > 0 ? headerSize : headerSize + length);
    }
    held = bytes;
  };
}
