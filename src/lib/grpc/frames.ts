/**
 * gRPC over HTTP/2, as far as both sides here need it: messages in a stream, statuses in its trailers.
 * Source: grpc/grpc, doc/PROTOCOL-HTTP2.md.
 */

import type { Http2Session } from "node:http2";
import type { Duplex } from "node:stream";
import { gathered } from "./gathered.ts";

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
  let held = gathered();
  for await (const piece of stream) {
    held.add(piece);
    const all = held.bytes();
    let at = 0;
    for (let end = endOf(all, at, most); end <= all.length; end = endOf(all, at, most)) {
      yield all.subarray(at + HEAD, end);
      at = end;
    }
    if (at > 0) held = gathered(all.subarray(at));
  }
  if (held.length > 0) throw new GrpcError(STATUS.internal, "the stream ends within a message");
}

/** Where the message that begins at a place ends, or its head while that is not all there. */
function endOf(bytes: Buffer, at: number, most: number): number {
  if (bytes.length - at < HEAD) return at + HEAD;
  if (bytes.readUInt8(at) !== 0) throw new GrpcError(STATUS.unimplemented, "compressed messages are not supported");
  const length = bytes.readUInt32BE(at + 1);
  if (length > most) {
    throw new GrpcError(STATUS.resourceExhausted, `a message of ${length} bytes is larger than ${most}`);
  }
  return at + HEAD + length;
}

/**
 * To be called when a session is on its connection: it ends when the other side does. HTTP/2 knows no half-open connection, but
 * the sockets of a server of HTTP/1 are let be half open.
 */
export function endTogether(session: Http2Session, connection: Duplex): void {
  connection.once("end", () => connection.destroy());
  // Of one that is gone already nobody would tell.
  if (connection.destroyed) session.destroy();
}

/** Characters of a status' message. HTTP/2 here sends 64 KiB of trailers at most, and a character may take nine bytes. */
const MAX_STATUS_TEXT = 4096;

/** As a trailer has it: percent-encoded, and not too long for one. */
export function encodeMessage(text: string): string {
  const short = text.length > MAX_STATUS_TEXT ? `${text.slice(0, MAX_STATUS_TEXT)}…` : text;
  // Half of a pair, of which no UTF-8 can be made, may have come in or be left by the cut.
  return encodeURIComponent(short.toWellFormed());
}

export function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
