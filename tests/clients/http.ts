/** Raw HTTP on an engine's socket: what a client's library sends, without the library. */
import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import type { TestEngine } from "../support/engine.ts";

export type Answer = {
  status: number;
  body: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails when it is not there
  json: any;
};

export type Client = {
  (method: string, path: string, body?: object): Promise<Answer>;
  /** The answer as it comes. */
  stream(path: string): Promise<IncomingMessage>;
  /** POST with an offered upgrade, taken by the engine. */
  hijack(path: string, body?: object): Promise<Socket>;
};

/** @param version of the API, such as "v1.43", before every path */
export function httpClient(engine: TestEngine, version: string): Client {
  const send = (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = request({
      ...{ socketPath: engine.socket, method, path: `/${version}${path}`, agent: false },
      headers: {
        ...(text !== undefined && { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) }),
        ...headers,
      },
    });
    sent.end(text);
    return sent;
  };
  const call = (method: string, path: string, body?: object) =>
    new Promise<Answer>((resolve, reject) => {
      send(method, path, body)
        .once("error", reject)
        .once("response", (response) => {
          buffer(response).then((bytes) => resolve(answerOf(response, bytes)), reject);
        });
    });
  return Object.assign(call, {
    stream: (path: string) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        send("GET", path).once("error", reject).once("response", resolve);
      }),
    hijack: (path: string, body?: object) =>
      new Promise<Socket>((resolve, reject) => {
        send("POST", path, body, { Connection: "Upgrade", Upgrade: "tcp" })
          .once("error", reject)
          .once("response", (response) => reject(new Error(`no upgrade: ${response.statusCode}`)))
          .once("upgrade", (_response, socket: Socket, head: Buffer) => {
            if (head.length > 0) socket.unshift(head);
            resolve(socket);
          });
      }),
  });
}

function answerOf(response: IncomingMessage, body: Buffer): Answer {
  const isJson = response.headers["content-type"]?.startsWith("application/json");
  return {
    status: response.statusCode ?? 0,
    body,
    json: isJson && body.length > 0 ? JSON.parse(body.toString()) : undefined,
  };
}
