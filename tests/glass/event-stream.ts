/** A reader of GET /cloche/v1/stream, as a browser's EventSource reads it. */
import { request } from "node:http";
import type { StreamMessages } from "../../src/wire/glass.ts";
import { until } from "../support/until.ts";

export type Heard = {
  [E in keyof StreamMessages]: { event: E; id: string; data: StreamMessages[E] };
}[keyof StreamMessages];

export type EventStream = {
  readonly heard: Heard[];
  /** text as it came, for comments */
  raw(): string;
  /** The first message of the event, from `from` on, that fits. */
  next<E extends keyof StreamMessages>(
    event: E,
    fits?: (data: StreamMessages[E]) => boolean,
    from?: number,
  ): Promise<StreamMessages[E]>;
  /** Has the engine ended it? */
  ended(): boolean;
  pause(): void;
  resume(): void;
  close(): void;
};

/** @param headers such as Last-Event-ID */
export async function openStream(
  socketPath: string,
  topics: string,
  headers: Record<string, string> = {},
): Promise<EventStream> {
  const heard: Heard[] = [];
  let text = "";
  let rest = "";
  let ended = false;
  const sent = request({ socketPath, path: `/cloche/v1/stream?topics=${topics}`, agent: false, headers });
  const reply = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    sent.on("response", resolve).on("error", reject);
    sent.end();
  });
  if (reply.statusCode !== 200) throw new Error(`the stream is refused with ${reply.statusCode}`);
  reply.setEncoding("utf8");
  reply.on("data", (chunk: string) => {
    text += chunk;
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      const event = field("event");
      if (event) heard.push({ event, id: field("id"), data: JSON.parse(field("data") ?? "null") } as Heard);
    }
  });
  reply.on("close", () => (ended = true)).on("error", () => (ended = true));
  return {
    heard,
    raw: () => text,
    async next(event, fits = () => true, from = 0) {
      const find = () => heard.slice(from).find((it) => it.event === event && fits(it.data as never));
      await until(async () => find() !== undefined, {
        what: () => `the message ${event}; there were: ${heard.map((it) => it.event).join(" ")}`,
      });
      return find()?.data as never;
    },
    ended: () => ended,
    pause: () => void reply.pause(),
    resume: () => void reply.resume(),
    close: () => sent.destroy(),
  };
}
