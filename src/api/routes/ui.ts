/** `POST /cloche/v1/ui`: a link to the page, good for one sign-in. The page is served from then on. */
import type { FastifyInstance } from "fastify";
import { InvalidInput } from "../../lib/invalid-input.ts";
import type { Ui } from "../ui/server.ts";

export function uiRoutes(app: FastifyInstance, { ui }: { ui: Pick<Ui, "link"> }): void {
  app.post("/cloche/v1/ui", async (request, reply) => {
    const link = await ui.link(addressIn(request.body));
    return reply.header("Cache-Control", "no-store").code(201).send(link);
  });
}

/** { address: "127.0.0.1:8420" }, or nothing. */
function addressIn(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined;
  const address = typeof body === "object" && "address" in body ? body.address : undefined;
  if (address !== undefined && typeof address !== "string") throw new InvalidInput("address must be a text HOST:PORT");
  return address;
}
