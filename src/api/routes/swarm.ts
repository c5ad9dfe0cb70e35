/** Swarm: this engine is what docker calls an inactive node. */
import type { FastifyInstance } from "fastify";
import { EngineError } from "../../engine/errors.ts";
import { SWARM_OPERATIONS } from "../operations.ts";

const TEXT =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

export function swarmRoutes(app: FastifyInstance): void {
  for (const { method, path } of SWARM_OPERATIONS) {
    app.route({
      method,
      url: path,
      handler: async () => {
        throw new EngineError("unavailable", TEXT);
      },
    });
  }
}
