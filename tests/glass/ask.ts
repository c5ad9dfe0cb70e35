/** One request to an engine's socket. */
import { request } from "node:http";
import { text } from "node:stream/consumers";

export function ask<T>(
  socketPath: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: T }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath, method, path, agent: false, headers: { "Content-Type": "application/json" } },
      (reply) => {
        text(reply).then((answer) => resolve({ status: reply.statusCode ?? 0, body: JSON.parse(answer) }), reject);
      },
    );
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
