/**
 * gRPC over HTTP/2, as far as both sides here need it: messages in a stream, statuses in its trailers.
 * Source: grpc/grpc, doc/PROTOCOL-HTTP2.md.
 */

import type { Duplex } from "node:stream";

/** Statuses (grpc/grpc, doc/statuscodes.md). */
export const STATUS = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

export class GrpcError extends Error {
  /** one of STATUS, or what the other side has sent */
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.name = "GrpcError";
    this.code = code;
  }
}

/** A flag that says whether it is compressed, and the length, stand before each message. */
const HEAD = 5;

/** A message as it is sent, not compressed. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(HEAD + message.length);
  framed.writeUInt8(0, 0);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, HEAD);
  return framed;
}

/**
 * The messages of a stream.
 * @param most bytes of one message
 * @throws GrpcError on a message that is larger, compressed or cut off
 */
export async function* unframe(stream: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let held = 0;
  let wanted = HEAD;
  for await (const piece of stream) {
    pieces.push(piece);
    held += piece.length;
    while (held >= wanted) {
      const all = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
      const length = all.readUInt32BE(1);
      if (all.readUInt8(0) !== 0) throw new GrpcError(STATUS.unimplemented, "compressed messages are not supported");
      if (length > most) {
        throw new GrpcError(STATUS.resourceExhausted, `a message of ${length} bytes is larger than ${most}`);
      }
      wanted = HEAD + length;
      if (held >= wanted) {
        yield all.subarray(HEAD, wanted);
        pieces = [all.subarray(wanted)];
        held -= wanted;
        wanted = HEAD;
      } else pieces = [all];
    }
  }
  if (held > 0) throw new GrpcError(STATUS.internal, "the stream ends within a message");
}

/** There is room in a stream again, or it is over. */
export async function drained(stream: Duplex): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
  });
}

/** As a trailer has it: percent-encoded. */
export function encodeMessage(text: string): string {
  return encodeURIComponent(text);
}

export function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
