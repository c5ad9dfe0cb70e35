/** The glass API, /cloche/v1/…: docs/glass-api.md. Of its own: docker has nothing like it. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Glass } from "../../engine/glass/index.ts";
import { decodeCreate } from "../../wire/decode-container.ts";
import { queryText } from "./query.ts";

const SCRIPT = "text/x-shellscript; charset=utf-8";
type OnOne = { Params: { id: string } };

export function glassRoutes(app: FastifyInstance, { glass }: { glass: Glass }): void {
  app.get<OnOne>("/cloche/v1/containers/:id/plan", async (request) => glass.plan(request.params.id));
  app.get<OnOne>("/cloche/v1/containers/:id/script", async (request, reply) =>
    reply.type(SCRIPT).send(glass.script(request.params.id)),
  );
  app.post("/cloche/v1/plan", (request) => glass.dryRun(wanted(request)));
  app.post("/cloche/v1/plan/script", async (request, reply) =>
    reply.type(SCRIPT).send(await glass.dryRunScript(wanted(request))),
  );
  app.get<OnOne>("/cloche/v1/containers/:id/map", (request) => glass.map(request.params.id));
  app.get<OnOne>("/cloche/v1/containers/:id/oom", (request) => glass.oom(request.params.id));
  app.get<{ Params: { pid: string } }>("/cloche/v1/whois/:pid", (request) => glass.whois(request.params.pid));
  app.get("/cloche/v1/cgroups", () => glass.cgroups());
  app.get("/cloche/v1/namespaces", () => glass.namespaces());
}

/** A create body, as POST /containers/create takes it. */
function wanted(request: FastifyRequest) {
  return {
    ...decodeCreate(request.body),
    name: queryText(request.query, "name") ?? "",
    platform: queryText(request.query, "platform") || undefined,
  };
}
