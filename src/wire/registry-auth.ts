/** Credentials for registries, as clients send them: in headers, base64url of JSON, and in the body of a login. */
import { InvalidInput } from "../lib/invalid-input.ts";

/** A user's for one registry. */
export type RegistryAuth = {
  username?: string;
  password?: string;
  identitytoken?: string;
  registrytoken?: string;
};

/** X-Registry-Auth. @returns no credentials for a missing or malformed header, as docker does for its older clients */
export function decodeRegistryAuth(header: string | string[] | undefined): RegistryAuth {
  if (typeof header !== "string" || header === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(header, "base64").toString());
  } catch {
    return {};
  }
  return authOf(value);
}

/** The body of POST /auth. @returns host: whose they are, docker.io if nobody is named. Throws InvalidInput. */
export function decodeLogin(body: unknown): { host: string; auth: RegistryAuth } {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new InvalidInput("invalid credentials: a JSON object is expected");
  const address: unknown = Reflect.get(body, "serveraddress") ?? "";
  if (typeof address !== "string") throw new InvalidInput("invalid credentials: serveraddress is no text");
  const host = domainOf(address) || "docker.io";
  if (!/^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$/.test(host))
    throw new InvalidInput(`invalid credentials: "${address.slice(0, 100)}" is no address of a registry`);
  return { host, auth: authOf(body) };
}

function authOf(value: unknown): RegistryAuth {
  if (typeof value !== "object" || value === null) return {};
  const fields = new Map<string, unknown>(Object.entries(value));
  const auth: RegistryAuth = {};
  for (const key of ["username", "password", "identitytoken", "registrytoken"] as const) {
    const text = fields.get(key);
    if (typeof text === "string" && text !== "") auth[key] = text;
  }
  return auth;
}

/** X-Registry-Config of a build: base64url of a JSON object, registry -> credentials. Malformed ones count as none. */
export function decodeRegistryConfig(header: string | string[] | undefined): ReadonlyMap<string, RegistryAuth> {
  const auths = new Map<string, RegistryAuth>();
  if (typeof header !== "string" || header === "") return auths;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(header, "base64").toString());
  } catch {
    return auths;
  }
  if (typeof value !== "object" || value === null) return auths;
  for (const [server, auth] of Object.entries(value)) {
    auths.set(domainOf(server), authOf(auth));
  }
  return auths;
}

/** Docker Hub's credentials are kept under the address of its first registry. */
function domainOf(server: string): string {
  const host = server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return host === "index.docker.io" ? "docker.io" : host;
}
