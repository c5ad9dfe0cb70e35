/** Plugins: there are none, and none can be had. */
import type { FastifyInstance } from "fastify";
import { notImplemented } from "../../engine/errors.ts";
import { PLUGIN_OPERATIONS } from "../operations.ts";

export function pluginRoutes(app: FastifyInstance): void {
  app.get("/plugins", async () => []);
  for (const { method, path } of PLUGIN_OPERATIONS) {
    app.route({
      method,
      url: path,
      handler: async () => {
        throw notImplemented("plugins are not supported by this engine");
      },
    });
  }
}
