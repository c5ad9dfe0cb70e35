/** /networks: Docker's operations on networks. */
import type { FastifyInstance } from "fastify";
import type { Networks } from "../../engine/networks/networks.ts";
import { PRUNE_FILTERS } from "../../engine/networks/remove.ts";
import { NETWORK_FILTERS } from "../../engine/networks/show.ts";
import { networkConnect, networkCreate, networkDisconnect } from "../../wire/decode-network.ts";
import { parseFilters } from "../../wire/filters.ts";
import { queryText } from "./query.ts";

type ById = { Params: { id: string } };

export function networkRoutes(app: FastifyInstance, { networks }: { networks: Networks }): void {
  app.get("/networks", (request) => networks.list(parseFilters(queryText(request.query, "filters"), NETWORK_FILTERS)));
  app.get<ById>("/networks/:id", (request) => networks.inspect(request.params.id));
  app.delete<ById>("/networks/:id", async (request, reply) => {
    await networks.remove(request.params.id);
    reply.code(204);
  });
  app.post("/networks/create", async (request, reply) => {
    const made = await networks.create(networkCreate(request.body));
    reply.code(201);
    return made;
  });
  app.post<ById>("/networks/:id/connect", async (request, reply) => {
    await networks.connect(request.params.id, networkConnect(request.body));
    return reply.send();
  });
  app.post<ById>("/networks/:id/disconnect", async (request, reply) => {
    await networks.disconnect(request.params.id, networkDisconnect(request.body));
    return reply.send();
  });
  /** Of our own: docs/glass-api.md. */
  app.get("/cloche/v1/egress", (request) => networks.egress(queryText(request.query, "name") ?? ""));
  app.post("/networks/prune", (request) =>
    networks.prune(parseFilters(queryText(request.query, "filters"), PRUNE_FILTERS)),
  );
}
