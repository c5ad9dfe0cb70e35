/** X-Registry-Auth: base64url of a JSON object with a user's credentials for one registry. */
export type RegistryAuth = {
  username?: string;
  password?: string;
  identitytoken?: string;
  registrytoken?: string;
};

/** @returns no credentials for a missing or malformed header, as docker does for its older clients */
export function decodeRegistryAuth(header: string | string[] | undefined): RegistryAuth {
  if (typeof header !== "string" || header === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(header, "base64").toString());
  } catch {
    return {};
  }
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
    // Docker Hub's credentials are kept under the address of its first registry.
    const host = server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
    const domain = host === "index.docker.io" ? "docker.io" : host;
    auths.set(domain, decodeRegistryAuth(Buffer.from(JSON.stringify(auth)).toString("base64")));
  }
  return auths;
}
