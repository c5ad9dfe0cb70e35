/** A build's answer: JSON lines while it happens. */
import type { FastifyReply } from "fastify";
import { CommandFailed } from "../engine/build/build.ts";
import { spoolTo } from "../lib/spool.ts";
import { jsonLine } from "../wire/json-lines.ts";

/** What a client that reads slowly may leave unread: in memory, then on disk; then it is cut off. */
const UNREAD = { memory: 4 * 1024 * 1024, disk: 1024 ** 3 };

/**
 * What fails before the first line has a status; after it, the last line tells.
 * @param quiet only the image's id is told, or what led to the failure
 */
export async function answerBuild(
  reply: FastifyReply,
  quiet: boolean,
  work: (tell: (message: object) => void, signal: AbortSignal) => Promise<string>,
): Promise<void> {
  const response = reply.raw;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const spool = spoolTo(response, UNREAD);
  const held: object[] = [];
  let begun = false;
  const write = (message: object) => {
    if (!begun) {
      begun = true;
      reply.hijack();
      response.writeHead(200, { "Content-Type": "application/json" });
    }
    if (!spool.write([Buffer.from(jsonLine(message).replace(/\n$/, "\r\n"))])) response.destroy();
  };
  const tell = quiet ? (message: object) => void held.push(message) : write;
  try {
    const id = await work(tell, gone.signal);
    if (quiet) write({ stream: `${id}\n` });
  } catch (error) {
    if (!begun && held.length === 0) throw error;
    for (const message of held) write(message);
    write(failureLine(error));
  }
  await spool.flushed();
  spool.close();
  response.end();
}

function failureLine(error: unknown): object {
  const message = error instanceof Error ? error.message : String(error);
  return { errorDetail: { ...(error instanceof CommandFailed && { code: error.code }), message }, error: message };
}
