/** Signals to one process of a container, from outside and from inside: docs/glass-api.md. */
import type { FastifyInstance } from "fastify";
import type { Outcome } from "../../engine/glass/signal.ts";
import { InvalidInput } from "../../lib/invalid-input.ts";
import { queryText } from "./query.ts";

export type SignalVerbs = {
  outside(process: { pid: string; startTime?: number | undefined; signal: string }): Promise<Outcome>;
  inside(container: string, process: { pid: string; signal: string }): Promise<Outcome>;
};

export function signalRoutes(app: FastifyInstance, { signals }: { signals: SignalVerbs }): void {
  app.post<{ Params: { pid: string } }>("/cloche/v1/processes/:pid/signal", (request) => {
    const startTime = queryText(request.query, "startTime");
    if (startTime !== undefined && !/^\d{1,15}$/.test(startTime))
      throw new InvalidInput("startTime is a number of ticks, as the map has it");
    return signals.outside({
      pid: request.params.pid,
      signal: queryText(request.query, "signal") ?? "",
      ...(startTime !== undefined && { startTime: Number(startTime) }),
    });
  });
  app.post<{ Params: { id: string } }>("/cloche/v1/containers/:id/signal", (request) =>
    signals.inside(request.params.id, {
      pid: queryText(request.query, "pid") ?? "",
      signal: queryText(request.query, "signal") ?? "",
    }),
  );
}
