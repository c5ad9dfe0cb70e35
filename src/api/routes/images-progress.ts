/** Answers that tell progress: JSON lines, begun with the first message, so that what fails before it has a status. */
import type { FastifyReply } from "fastify";
import { jsonLine } from "../../wire/json-lines.ts";

/**
 * @param work reports messages; its signal aborts when the client has gone
 * @throws what `work` throws before its first message; later errors become the last message, as docker does
 */
export async function answerWithProgress(
  reply: FastifyReply,
  work: (report: (message: object) => void, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const response = reply.raw;
  const gone = new AbortController();
  response.once("close", () => gone.abort(new Error("client closed the connection")));
  let begun = false;
  const begin = () => {
    if (begun) return;
    begun = true;
    reply.hijack();
    response.writeHead(200, { "Content-Type": "application/json" });
  };
  const report = (message: object) => {
    begin();
    // A client that stopped reading gets no more: messages are news, not data.
    if (!response.destroyed && response.writableLength < MAX_UNREAD) response.write(lineOf(message));
  };
  try {
    await work(report, gone.signal);
  } catch (error) {
    if (!begun) throw error;
    const message = error instanceof Error ? error.message : String(error);
    response.write(lineOf({ errorDetail: { message }, error: message }));
  }
  begin();
  response.end();
}

const MAX_UNREAD = 4 * 1024 * 1024;
const lineOf = (message: object) => jsonLine(message).replace(/\n$/, "\r\n");
