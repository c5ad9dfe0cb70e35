/** `GET /events`: what happened since a time, then what happens, one JSON object a line. */
import type { FastifyInstance } from "fastify";
import { invalid } from "../../engine/errors.ts";
import type { EngineEvent, EventBus } from "../../engine/events.ts";
import { eventJson, matchesEvent } from "../../engine/events-query.ts";
import { parseFilters } from "../../wire/filters.ts";
import { jsonLine } from "../../wire/json-lines.ts";
import { parseTimeParameter } from "../../wire/timestamps.ts";
import { streamReply } from "../streaming.ts";
import { queryText } from "./query.ts";

/** A client this far behind (bytes) is cut off. */
const BUFFER_LIMIT = 8 * 1024 * 1024;

export function eventRoutes(app: FastifyInstance, { events }: { events: EventBus }): void {
  app.get("/events", async (request, reply) => {
    // Docker does not look for names that mean nothing here.
    const filters = parseFilters(queryText(request.query, "filters"), "any");
    const since = parseTimeParameter("since", queryText(request.query, "since"));
    const until = parseTimeParameter("until", queryText(request.query, "until"));
    if (since !== undefined && until !== undefined && until < since) {
      const { since: from, until: to } = request.query as Record<string, string>;
      throw invalid(`\`since\` time (${from}) cannot be after \`until\` time (${to})`);
    }
    return streamReply(reply, "application/json", async (out, signal) => {
      const send = (event: EngineEvent) => {
        if (until !== undefined && event.timeNano > until) return;
        if (matchesEvent(event, filters)) out.write(jsonLine(eventJson(event)));
        if (out.writableLength > BUFFER_LIMIT) out.destroy();
      };
      if (since !== undefined) for (const event of events.past(since)) send(event);
      const stop = events.subscribe(send);
      await reached(until, signal);
      stop();
    });
  });
}

/** setTimeout's longest time, ms. */
const LONGEST = 2 ** 31 - 1;

/** Resolves when the time has come (never, if there is none), or the client has gone. */
function reached(until: bigint | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const left = until === undefined ? undefined : Number(until / 1_000_000n) - Date.now();
    const timer = left === undefined ? undefined : setTimeout(resolve, Math.min(LONGEST, Math.max(0, left)));
    const gone = () => {
      clearTimeout(timer);
      resolve();
    };
    if (signal.aborted) gone();
    else signal.addEventListener("abort", gone, { once: true });
  });
}
