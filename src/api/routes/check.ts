/** Our own endpoint, beside Docker's: what is on the host under this engine's names, and whose it is. */
import type { FastifyInstance } from "fastify";
import type { CheckResult } from "../../engine/check/things.ts";

export function checkRoutes(
  app: FastifyInstance,
  { check }: { check: (options: { repair: boolean }) => Promise<CheckResult> },
): void {
  app.get("/cloche/v1/check", () => check({ repair: false }));
  app.post("/cloche/v1/check", (request) => {
    const { repair } = request.query as { repair?: string };
    return check({ repair: repair === "1" || repair === "true" });
  });
}
