/** GET /metrics, on the engine's socket and, if it was asked for, on a loopback address of its own. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import type { Metrics } from "../../engine/metrics/metrics.ts";
import { bindAddress } from "../listen.ts";
import { isLoopbackHost } from "../other-pages.ts";

export function metricsRoutes(app: FastifyInstance, { metrics }: { metrics: Metrics }): void {
  app.get("/metrics", async (_request, reply) => {
    const { contentType, text } = await metrics.render();
    return reply.type(contentType).send(text);
  });
}

/**
 * Only this page, for a Prometheus that cannot read unix sockets.
 * @param address HOST:PORT
 * @throws EngineError invalid when it is not a loopback address; system errors of listen(2)
 */
export async function serveMetrics(
  address: string,
  metrics: Metrics,
  log: { error(details: object, message: string): void },
): Promise<{ address: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, response, metrics).catch((error: unknown) => {
      log.error({ err: error }, "metrics");
      response.writeHead(500).end();
    });
  });
  const bound = await bindAddress(server, `tcp://${address}`, {});
  return {
    address: bound.slice("tcp://".length),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, metrics: Metrics): Promise<void> {
  // A web page whose name was made to mean 127.0.0.1 could read it otherwise.
  if (!isLoopbackHost(request.headers.host ?? "")) return void response.writeHead(403).end("forbidden host\n");
  if (request.url?.split("?", 1)[0] !== "/metrics") return void response.writeHead(404).end("it is /metrics\n");
  if (request.method !== "GET") return void response.writeHead(405, { Allow: "GET" }).end();
  const { contentType, text } = await metrics.render();
  response.writeHead(200, { "Content-Type": contentType }).end(text);
}
