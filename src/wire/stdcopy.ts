/**
 * Docker's stream of a container without a terminal: stdout and stderr in frames.
 *
 *     u8 stream (0 stdin, 1 stdout, 2 stderr) | 3 zero bytes | u32 big-endian length | payload
 */
export const FRAME_HEADER_BYTES = 8;
export const STDOUT = 1;
export const STDERR = 2;

export const RAW_STREAM = "application/vnd.docker.raw-stream";
export const MULTIPLEXED_STREAM = "application/vnd.docker.multiplexed-stream";

/** Header and payload in one buffer. */
export function encodeFrame(stream: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(frame, 0, stream, payload.length);
  frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}

/** Write a frame's 8 bytes into `target` at `offset`. */
export function writeFrameHeader(target: Buffer, offset: number, stream: number, length: number): void {
  target.writeUInt32BE((stream << 24) >>> 0, offset);
  target.writeUInt32BE(length, offset + 4);
}

/**
 * Take frames apart, however the bytes are cut into chunks.
 * @param onPayload gets pieces of payload as they come: a frame may arrive in several
 * @returns the function to feed each chunk to
 */
export function createDemultiplexer(onPayload: (stream: number, payload: Buffer) => void): (chunk: Buffer) => void {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  let have = 0;
  let missing = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (missing > 0) {
        const piece = chunk.subarray(at, at + missing);
        at += piece.length;
        missing -= piece.length;
        onPayload(header.readUInt8(0), piece);
        continue;
      }
      const copied = chunk.copy(header, have, at, at + FRAME_HEADER_BYTES - have);
      have += copied;
      at += copied;
      if (have === FRAME_HEADER_BYTES) {
        have = 0;
        missing = header.readUInt32BE(4);
      }
    }
  };
}
