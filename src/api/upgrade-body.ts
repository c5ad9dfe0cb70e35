/**
 * The JSON body of a request with `Upgrade: tcp`. Node hands such a request over without reading a body: its first bytes
 * are the `head` of the 'upgrade' event, the others come on the socket, and right behind may come stdin.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { EngineError, invalid } from "../engine/errors.ts";
import { JSON_BODY_LIMIT } from "./bodies.ts";

const TIMEOUT_MS = 30_000;

/**
 * Read the body by its Content-Length; what lies behind is put back onto the socket.
 * @returns the body's text, "" if none
 * @throws EngineError too-large, or invalid when it does not come whole
 */
export async function readUpgradeBody(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<string> {
  const length = Number(request.headers["content-length"] ?? 0);
  if (!Number.isInteger(length) || length < 0) throw invalid("invalid Content-Length");
  if (length > JSON_BODY_LIMIT) throw new EngineError("too-large", "http: request body too large");
  const bytes = head.length >= length ? head : Buffer.concat([head, await readMore(socket, length - head.length)]);
  if (bytes.length > length) socket.unshift(bytes.subarray(length));
  return bytes.toString("utf8", 0, length);
}

/** At least `wanted` bytes of the socket; it is paused afterwards. */
function readMore(socket: Duplex, wanted: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let missing = wanted;
    const done = () => {
      clearTimeout(timer);
      socket.pause();
      socket.off("data", onData).off("end", onEnd).off("close", onEnd);
    };
    const onEnd = () => {
      done();
      reject(invalid("invalid JSON: got EOF while reading request body"));
    };
    const onData = (chunk: Buffer) => {
      chunks.push(chunk);
      missing -= chunk.length;
      if (missing > 0) return;
      done();
      resolve(Buffer.concat(chunks));
    };
    const timer = setTimeout(onEnd, TIMEOUT_MS);
    socket.on("data", onData).on("end", onEnd).on("close", onEnd);
  });
}
