/** `docker login`. */
import type { FastifyInstance } from "fastify";
import { notImplemented } from "../../engine/errors.ts";

export type AuthDeps = {
  /** Check credentials with their registry; absent: this engine cannot. @returns docker's { Status, IdentityToken } */
  checkCredentials?: (credentials: unknown) => Promise<object>;
};

export function authRoutes(app: FastifyInstance, { checkCredentials }: AuthDeps): void {
  app.post("/auth", async (request) => {
    if (!checkCredentials) throw notImplemented("checking credentials with a registry is not supported yet");
    return checkCredentials(request.body);
  });
}
