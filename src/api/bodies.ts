/** Request bodies: JSON is read whole and bounded, tar archives reach their routes as streams. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { InvalidInput } from "../lib/invalid-input.ts";

/** The largest JSON body that is read, in bytes. */
export const JSON_BODY_LIMIT = 4 * 1024 * 1024;
/** A JSON body must have come by then, or the connection is closed. */
const JSON_BODY_TIMEOUT_MS = 30_000;

/** Operations whose body is no JSON document: it is handed over unread, as a Readable in request.body. */
const STREAMED = [
  /^\/images\/(create|load)$/,
  /^\/build$/,
  /^\/containers\/[^/]+\/(archive|attach)$/,
  /^\/plugins\/create$/,
];

export function installBodyParsers(app: FastifyInstance): void {
  app.addHook("preParsing", async (request, reply, payload) => {
    if (!isStreamed(request) && !request.raw.complete) endIfTooSlow(request.raw, reply.raw);
    return payload;
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, async (_request: FastifyRequest, body: string) =>
    parseBody(body),
  );
  // Docker's clients send application/x-tar, text/plain or no type at all.
  app.addContentTypeParser("*", async (request: FastifyRequest, payload: Readable) => {
    if (isStreamed(request)) return payload;
    for await (const chunk of payload) {
      if ((chunk as Buffer).length > 0) {
        const type = request.headers["content-type"] ?? "";
        throw new InvalidInput(`unsupported Content-Type header (${type}): must be 'application/json'`);
      }
    }
    return undefined;
  });
}

/**
 * The JSON of a body.
 * @returns undefined for an empty one
 * @throws InvalidInput
 */
export function parseBody(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidInput(`invalid JSON: ${(error as Error).message}`, { cause: error });
  }
}

function isStreamed(request: FastifyRequest): boolean {
  const path = request.raw.url?.split("?", 1)[0] ?? "";
  return STREAMED.some((pattern) => pattern.test(path));
}

/** Slow loris by the body: node's own requestTimeout would also end uploads and streams. */
function endIfTooSlow(request: IncomingMessage, response: ServerResponse): void {
  const timer = setTimeout(() => request.socket.destroy(), JSON_BODY_TIMEOUT_MS);
  const clear = () => clearTimeout(timer);
  request.once("end", clear);
  response.once("close", clear);
}
