/** What a container streams: attach, logs, stats; and top and resize beside them. */
import type { FastifyInstance } from "fastify";
import { type AttachDeps, attachToContainer } from "../../engine/containers/attach.ts";
import { checkLogRequest, type LogDeps, type LogRequest, streamLogs } from "../../engine/containers/logs.ts";
import { resizeContainer } from "../../engine/containers/resize.ts";
import type { Stats } from "../../engine/containers/stats.ts";
import { type TopDeps, topContainer } from "../../engine/containers/top.ts";
import { jsonLine } from "../../wire/json-lines.ts";
import { MULTIPLEXED_STREAM, RAW_STREAM } from "../../wire/stdcopy.ts";
import { parseTimeParameter } from "../../wire/timestamps.ts";
import type { HijackRoute } from "../hijack.ts";
import { streamContentType } from "../older-clients.ts";
import { streamReply, writeText } from "../streaming.ts";
import { queryFlag, queryText } from "./query.ts";

export type StreamDeps = Pick<AttachDeps, "store" | "events"> & LogDeps & TopDeps & { stats: Stats };

type WithId = { Params: { id: string } };

export function streamRoutes(app: FastifyInstance, deps: StreamDeps): void {
  app.get<WithId>("/containers/:id/logs", async (request, reply) => {
    const container = deps.store.find(request.params.id);
    const text = (name: string) => queryText(request.query, name);
    const wanted: LogRequest = {
      stdout: queryFlag(request.query, "stdout"),
      stderr: queryFlag(request.query, "stderr"),
      follow: queryFlag(request.query, "follow"),
      timestamps: queryFlag(request.query, "timestamps"),
      details: queryFlag(request.query, "details"),
      tail: tailOf(text("tail")),
    };
    const since = parseTimeParameter("since", text("since"));
    const until = parseTimeParameter("until", text("until"));
    if (since !== undefined) wanted.since = since;
    // Docker: an end of 0 is none.
    if (until) wanted.until = until;
    checkLogRequest(container, wanted);
    const type = container.record.config.Tty ? RAW_STREAM : MULTIPLEXED_STREAM;
    return streamReply(reply, streamContentType(type, request.apiMinor), (out) =>
      streamLogs(deps, container, wanted, out),
    );
  });

  app.get<WithId>("/containers/:id/stats", async (request, reply) => {
    const { id } = request.params;
    // Docker's default is to stream.
    if (queryText(request.query, "stream") !== undefined && !queryFlag(request.query, "stream"))
      return deps.stats.once(id, { oneShot: queryFlag(request.query, "one-shot") });
    deps.store.find(id);
    return streamReply(reply, "application/json", async (out, signal) => {
      for await (const sample of deps.stats.stream(id, signal)) await writeText(out, jsonLine(sample));
    });
  });

  app.get<WithId>("/containers/:id/top", (request) =>
    topContainer(deps, request.params.id, queryText(request.query, "ps_args")),
  );

  app.post<WithId>("/containers/:id/resize", async (request, reply) => {
    await resizeContainer(deps, request.params.id, {
      h: queryText(request.query, "h"),
      w: queryText(request.query, "w"),
    });
    return reply.code(200).send();
  });
}

/** Attach, for hijack.ts: by a raw stream and by a websocket. */
export function attachRoutes(deps: Pick<AttachDeps, "store" | "events"> & LogDeps): HijackRoute[] {
  const attachDeps: AttachDeps = {
    ...deps,
    replay: (container, request, out) => streamLogs(deps, container, request, out),
  };
  const handle =
    (frames: boolean): HijackRoute["handle"] =>
    async ({ id, query }) => {
      const parameters = Object.fromEntries(query);
      const on = (name: string) => queryFlag(parameters, name);
      const detachKeys = queryText(parameters, "detachKeys");
      return attachToContainer(attachDeps, id, {
        stdin: on("stdin"),
        stdout: on("stdout"),
        stderr: on("stderr"),
        logs: on("logs"),
        stream: on("stream"),
        detachKeys,
        frames,
      });
    };
  return [
    { protocol: "tcp", path: "/containers/:id/attach", handle: handle(true) },
    { protocol: "websocket", path: "/containers/:id/attach/ws", handle: handle(false) },
  ];
}

/** Docker takes what is no number for "all". */
function tailOf(text: string | undefined): number | "all" {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : "all";
}
