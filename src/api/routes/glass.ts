/** The glass API, /cloche/v1/…: docs/glass-api.md. Of its own: docker has nothing like it. */
import type { FastifyInstance } from "fastify";
import type { Glass } from "../../engine/glass/index.ts";
import { decodeCreate } from "../../wire/decode-container.ts";
import { queryText } from "./query.ts";

type OnOne = { Params: { id: string } };

export function glassRoutes(app: FastifyInstance, { glass }: { glass: Glass }): void {
  app.get<OnOne>("/cloche/v1/containers/:id/plan", async (request) => glass.plan(request.params.id));
  app.post("/cloche/v1/plan", (request) =>
    glass.dryRun({
      ...decodeCreate(request.body),
      name: queryText(request.query, "name") ?? "",
      platform: queryText(request.query, "platform") || undefined,
    }),
  );
  app.get<OnOne>("/cloche/v1/containers/:id/map", (request) => glass.map(request.params.id));
  app.get<OnOne>("/cloche/v1/containers/:id/oom", (request) => glass.oom(request.params.id));
  app.get<{ Params: { pid: string } }>("/cloche/v1/whois/:pid", (request) => glass.whois(request.params.pid));
  app.get("/cloche/v1/cgroups", () => glass.cgroups());
  app.get("/cloche/v1/namespaces", () => glass.namespaces());
}
