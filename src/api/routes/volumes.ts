/** /volumes: Docker's operations on volumes. */
import type { FastifyInstance } from "fastify";
import { EngineError } from "../../engine/errors.ts";
import { PRUNE_FILTERS } from "../../engine/volumes/remove.ts";
import { VOLUME_FILTERS } from "../../engine/volumes/show.ts";
import type { VolumeApi } from "../../engine/volumes/volumes.ts";
import { volumeCreate } from "../../wire/decode-volume.ts";
import { parseFilters } from "../../wire/filters.ts";
import type { VolumeList } from "../../wire/volume.ts";
import { queryFlag, queryText } from "./query.ts";

type ByName = { Params: { name: string } };

export function volumeRoutes(app: FastifyInstance, { volumes }: { volumes: VolumeApi }): void {
  app.get("/volumes", (request): VolumeList => {
    const filters = parseFilters(queryText(request.query, "filters"), VOLUME_FILTERS);
    return { Volumes: volumes.list(filters), Warnings: null };
  });
  app.get<ByName>("/volumes/:name", (request) => volumes.inspect(request.params.name));
  app.post("/volumes/create", async (request, reply) => {
    const made = await volumes.create(volumeCreate(request.body));
    reply.code(201);
    return made;
  });
  app.put<ByName>("/volumes/:name", () => {
    throw new EngineError(
      "unavailable",
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    );
  });
  app.delete<ByName>("/volumes/:name", async (request, reply) => {
    const force = queryFlag(request.query, "force");
    await volumes.remove(request.params.name).catch((error: unknown) => {
      if (!(force && error instanceof EngineError && error.kind === "not-found")) throw error;
    });
    reply.code(204);
  });
  app.post("/volumes/prune", (request) =>
    volumes.prune(parseFilters(queryText(request.query, "filters"), PRUNE_FILTERS)),
  );
}
