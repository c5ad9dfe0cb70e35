/** Replies that are written piece by piece, outside of fastify's serialization. */
import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import { drained } from "../lib/drained.ts";

/**
 * Send the head now and write the body by `work`; the reply ends when it resolves. An error then can only break the
 * connection: check everything that can be refused before.
 * @param work gets the response, and a signal that fires when the client has gone
 */
export async function streamReply(
  reply: FastifyReply,
  contentType: string,
  work: (out: ServerResponse, signal: AbortSignal) => Promise<void>,
): Promise<FastifyReply> {
  reply.hijack();
  const out = reply.raw;
  const gone = new AbortController();
  out.once("close", () => gone.abort());
  out.writeHead(200, { "Content-Type": contentType });
  out.flushHeaders();
  try {
    await work(out, gone.signal);
    out.end();
  } catch (error) {
    if (!gone.signal.aborted) {
      out.destroy();
      throw error;
    }
  }
  return reply;
}

/** Write, and wait while the client does not read. */
export async function writeText(out: ServerResponse, text: string): Promise<void> {
  if (out.write(text) || out.destroyed) return;
  await drained(out);
}
