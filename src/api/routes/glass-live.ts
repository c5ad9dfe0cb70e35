/** What changes while one looks: the stream of server-sent events, histories, all reports of kills. docs/glass-api.md */
import type { ServerResponse } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Glass } from "../../engine/glass/index.ts";
import type { Live, Member } from "../../engine/glass/live/index.ts";
import type { Sampler } from "../../engine/sampling/sampler.ts";
import { streamReply } from "../streaming.ts";
import { queryText } from "./query.ts";

/** A client that has so much before it (bytes) is left out of what will be said again … */
const BUSY = 256 * 1024;
/** … and cut off when it misses what will not, or does not read for two heartbeats. */
const LOST = 4 * 1024 * 1024;
const HEARTBEAT_MS = 15_000;
/** After how long a client that has lost the stream should come again. */
const RETRY_MS = 2000;

export type LiveDeps = {
  live: Live;
  glass: Pick<Glass, "ooms" | "lab">;
  sampler: Pick<Sampler, "history">;
  /** ids of messages; of one clock with docker's events */
  nowNano: () => bigint;
};

export function glassLiveRoutes(app: FastifyInstance, { live, glass, sampler, nowNano }: LiveDeps): void {
  app.get<{ Params: { id: string } }>("/cloche/v1/containers/:id/history", async (request) =>
    sampler.history(request.params.id),
  );
  app.get("/cloche/v1/oom", () => glass.ooms());
  // Loaded when it is asked for: it is of no use to containers.
  app.get("/cloche/v1/openapi.json", async () => (await import("../../wire/openapi/document.ts")).openApiDocument("1"));
  app.get("/cloche/v1/lab", async () => glass.lab());
  app.get("/cloche/v1/stream", async (request, reply) => {
    const begin = live.prepare(queryText(request.query, "topics") ?? "");
    const since = heardUntil(request);
    reply.raw.setHeader("Cache-Control", "no-cache, no-transform");
    return streamReply(reply, "text/event-stream", async (out, signal) => {
      out.write(`retry: ${RETRY_MS}\n\n`);
      const end = begin(eventSource(out, nowNano), since);
      const beat = setInterval(heartbeat(out), HEARTBEAT_MS).unref();
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      clearInterval(beat);
      end();
    });
  });
}

/** A browser that connects again says what it has heard last; docker's events since then are told again. */
function heardUntil(request: FastifyRequest): bigint | undefined {
  const id = request.headers["last-event-id"];
  return typeof id === "string" && /^\d{1,19}$/.test(id) ? BigInt(id) : undefined;
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
function eventSource(out: ServerResponse, nowNano: () => bigint): Member {
  return {
    take({ event, json, once }) {
      if (out.destroyed) return false;
      const waiting = out.writableLength;
      if (once && waiting > LOST) out.destroy();
      if (out.destroyed || (!once && waiting > BUSY)) return false;
      out.write(`id: ${nowNano()}\nevent: ${event}\ndata: ${json}\n\n`);
      return true;
    },
  };
}

/** A comment keeps proxies from closing a quiet stream, and tells of a client that has gone without a word. */
function heartbeat(out: ServerResponse): () => void {
  let stuck = false;
  return () => {
    const full = out.writableLength > BUSY;
    if (full && stuck) out.destroy();
    else if (!full) out.write(":\n\n");
    stuck = full;
  };
}
