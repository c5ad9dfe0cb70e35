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
