/** `docker login`: are these credentials good? Keeping them is the client's business. */
import type { FastifyInstance } from "fastify";
import { decodeLogin, type RegistryAuth } from "../../wire/registry-auth.ts";

export type AuthDeps = {
  /** Rejects with EngineError unauthorized when the registry does not take them. */
  checkCredentials: (host: string, auth: RegistryAuth) => Promise<void>;
};

export function authRoutes(app: FastifyInstance, { checkCredentials }: AuthDeps): void {
  app.post("/auth", async (request) => {
    const { host, auth } = decodeLogin(request.body);
    await checkCredentials(host, auth);
    return { Status: "Login Succeeded", IdentityToken: "" };
  });
}
