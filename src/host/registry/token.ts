/** Tokens for registries, as the distribution project specifies them (token authentication; OAuth2 for refresh tokens). */
import { EngineError, internal } from "../../engine/errors.ts";
import type { Credentials } from "../../engine/images/ports.ts";
import type { Challenge } from "./challenge.ts";
import type { Connect } from "./connect.ts";
import { readBody } from "./read-body.ts";

const TOKEN_LIMIT = 1024 * 1024;

export function basicAuthorization({ username = "", password = "" }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/**
 * Ask the token server that a challenge names.
 * @param scope repository:team/app:pull
 * @throws EngineError unauthorized when it refuses
 */
export async function fetchToken(
  connect: Connect,
  { parameters }: Challenge,
  { scope, auth, insecure }: { scope: string; auth: Credentials; insecure: boolean },
): Promise<string> {
  if (auth.registrytoken) return auth.registrytoken;
  const realm = parameters.realm;
  if (!realm || !URL.canParse(realm)) throw internal(`registry names no token server: realm "${realm ?? ""}"`);
  const url = new URL(realm);
  if (url.protocol !== "https:" && !(insecure && url.protocol === "http:")) {
    throw internal(`token server ${url.origin} is not reached by https`);
  }
  const response = await connect(
    auth.identitytoken ? refresh(url, parameters, scope, auth, insecure) : ask(url, parameters, scope, auth, insecure),
  );
  const body = await readBody(response, TOKEN_LIMIT, "answer of the token server");
  const status = response.statusCode ?? 0;
  if (status === 401 || status === 403)
    throw new EngineError("unauthorized", "unauthorized: incorrect username or password");
  if (status !== 200) throw internal(`token server ${url.origin} answered with status ${status}`);
  return tokenOf(body);
}

type Arguments = [url: URL, parameters: Record<string, string>, scope: string, auth: Credentials, insecure: boolean];

function ask(...[url, { service }, scope, auth, insecure]: Arguments) {
  if (service) url.searchParams.set("service", service);
  if (scope) url.searchParams.set("scope", scope);
  if (auth.username) url.searchParams.set("account", auth.username);
  const headers: Record<string, string> = auth.username ? { Authorization: basicAuthorization(auth) } : {};
  return { method: "GET" as const, url, headers, insecure };
}

function refresh(...[url, { service = "" }, scope, { identitytoken = "" }, insecure]: Arguments) {
  const form = {
    grant_type: "refresh_token",
    refresh_token: identitytoken,
    service,
    client_id: "cloche",
    ...(scope && { scope }),
  };
  return {
    method: "POST" as const,
    url,
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: Buffer.from(new URLSearchParams(form).toString()),
    insecure,
  };
}

function tokenOf(body: Buffer): string {
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString());
  } catch (cause) {
    throw internal("token server answered with no JSON", cause);
  }
  if (typeof answer === "object" && answer !== null) {
    const token = Reflect.get(answer, "token") ?? Reflect.get(answer, "access_token");
    if (typeof token === "string" && token !== "") return token;
  }
  throw internal("token server gave no token");
}
