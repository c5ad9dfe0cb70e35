/** Operations that are part of the API but that nobody has built: a clear 501 instead of "page not found". */
import type { FastifyInstance } from "fastify";
import { notImplemented } from "../../engine/errors.ts";
import { OTHER_OPERATIONS, UNDOCUMENTED_OPERATIONS } from "../operations.ts";

/** Why, where there is more to say than "not yet". */
const REASONS: Record<string, string> = {
  "PUT /volumes/:name": "cluster volumes are not supported: this node is not part of a swarm",
  "GET /containers/:id/checkpoints": "checkpoints are not supported",
  "POST /containers/:id/checkpoints": "checkpoints are not supported",
  "DELETE /containers/:id/checkpoints/:checkpoint": "checkpoints are not supported",
};

/** To be called after all other routes: those that exist are left alone. @returns those added, "METHOD /path" */
export function notBuiltRoutes(app: FastifyInstance): string[] {
  const added: string[] = [];
  for (const { method, path } of [...OTHER_OPERATIONS, ...UNDOCUMENTED_OPERATIONS]) {
    if (app.hasRoute({ method, url: path })) continue;
    const name = `${method} ${path}`;
    app.route({
      method,
      url: path,
      handler: async () => {
        throw notImplemented(REASONS[name] ?? `${name} is not implemented yet`);
      },
    });
    added.push(name);
  }
  return added;
}
