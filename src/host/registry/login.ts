/** Check credentials with the registry that they are for: GET /v2/, which nobody answers whom it does not know. */
import { EngineError } from "../../engine/errors.ts";
import type { Credentials } from "../../engine/images/ports.ts";
import { createClient } from "./client.ts";
import { type ConnectOptions, createConnect } from "./connect.ts";
import { createEndpoints, type RegistryOptions } from "./endpoint.ts";

/** @throws EngineError unauthorized in docker's words, and what the connection says */
export type CheckCredentials = (host: string, auth: Credentials) => Promise<void>;

/** @param options.loopbackOnly the safety switch of --registry-loopback-only: others are refused, nothing is sent */
export function createCredentialsCheck(options: RegistryOptions & ConnectOptions): CheckCredentials {
  const connect = createConnect(options);
  const endpoints = createEndpoints(connect, options);
  return async (host, auth) => {
    const endpoint = (await endpoints(host)).find(({ mirror }) => !mirror);
    if (!endpoint) return;
    const client = createClient(connect, endpoint, "", auth);
    try {
      (await client.send({ method: "GET", path: "/v2/" }, [200])).resume();
    } catch (error) {
      if (!(error instanceof EngineError && error.kind === "unauthorized")) throw error;
      const url = new URL("/v2/", endpoint.base);
      throw new EngineError("unauthorized", `login attempt to ${url.href} failed with status: 401 Unauthorized`, {
        cause: error,
      });
    }
  };
}
