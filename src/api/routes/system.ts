/** Ping, version, info, disk usage. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { invalid } from "../../engine/errors.ts";
import { type DiskUsageDeps, diskUsage, isDiskUsageType } from "../../engine/system/disk-usage.ts";
import { engineInfo, type InfoDeps } from "../../engine/system/info.ts";
import { engineVersion, type VersionFacts } from "../../engine/system/version.ts";

export type SystemDeps = { info: InfoDeps; version: VersionFacts; diskUsage: DiskUsageDeps };

export function systemRoutes(app: FastifyInstance, deps: SystemDeps): void {
  app.get("/_ping", (_request, reply) => {
    ping(reply).send("OK");
  });
  app.head("/_ping", (_request, reply) => {
    ping(reply).header("Content-Length", "0").send();
  });
  const version = engineVersion(deps.version);
  app.get("/version", async () => version);
  app.get("/info", () => engineInfo(deps.info));
  app.get("/system/df", (request) => {
    const types = asList((request.query as { type?: string | string[] }).type).map((type) => {
      if (!isDiskUsageType(type)) throw invalid(`unknown object type: ${type}`);
      return type;
    });
    return diskUsage(deps.diskUsage, types);
  });
}

const asList = (value: string | string[] | undefined) => (value === undefined ? [] : [value].flat());

/** What clients decide by before anything else: API version (on every reply), the builder, and that there is no swarm. */
function ping(reply: FastifyReply): FastifyReply {
  return reply
    .header("Builder-Version", "1")
    .header("Swarm", "inactive")
    .header("Cache-Control", "no-cache, no-store, must-revalidate")
    .header("Pragma", "no-cache")
    .type("text/plain; charset=utf-8");
}
