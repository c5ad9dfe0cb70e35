/** Requests to one registry endpoint: authorisation, redirects, and errors in the registry's own words. */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { EngineError, internal } from "../../engine/errors.ts";
import type { Credentials } from "../../engine/images/ports.ts";
import { parseChallenge } from "./challenge.ts";
import type { Connect, Request } from "./connect.ts";
import type { Endpoint } from "./endpoint.ts";
import { readBody } from "./read-body.ts";
import { basicAuthorization, fetchToken } from "./token.ts";

export type Call = {
  method: Request["method"];
  /** below the endpoint, or absolute (where an upload was sent to) */
  path: string | URL;
  headers?: Record<string, string>;
  /** a function, since a request may have to be sent again */
  body?: () => Buffer | Readable;
  signal?: AbortSignal;
};
export type Client = {
  /** what relative addresses in its answers are relative to */
  base: URL;
  /** @throws EngineError for a status not in `accept` */
  send(call: Call, accept: number[]): Promise<IncomingMessage>;
};

const MAX_REDIRECTS = 5;
const ERROR_LIMIT = 64 * 1024;
const KINDS: Record<number, "unauthorized" | "forbidden" | "not-found" | "unavailable"> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not-found",
  429: "unavailable",
  503: "unavailable",
};

export function createClient(connect: Connect, endpoint: Endpoint, scope: string, auth: Credentials): Client {
  let authorization: string | undefined;

  async function once(call: Call): Promise<IncomingMessage> {
    let url = typeof call.path === "string" ? new URL(call.path, endpoint.base) : call.path;
    for (let redirects = 0; ; redirects++) {
      // Where a redirect leads to (a storage service, mostly) gets neither password nor token.
      const own = url.origin === endpoint.base.origin;
      const headers = { "User-Agent": "cloche", ...call.headers };
      if (own && authorization) Object.assign(headers, { Authorization: authorization });
      const { method, signal } = call;
      const body = call.body?.();
      const response = await connect({
        ...{ method, url, headers, insecure: endpoint.insecure },
        ...(body === undefined ? {} : { body }),
        ...(signal ? { signal } : {}),
      });
      const location = response.headers.location;
      if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0) || !location) return response;
      response.resume();
      if (redirects === MAX_REDIRECTS)
        throw internal(`${method} "${url.href}": stopped after ${MAX_REDIRECTS} redirects`);
      url = redirected(url, location, endpoint.insecure);
    }
  }

  /** @returns false when nothing better can be offered than what was refused */
  async function authorise(response: IncomingMessage): Promise<boolean> {
    const challenge = parseChallenge(response.headers["www-authenticate"]);
    if (!challenge) return false;
    const before = authorization;
    if (challenge.scheme === "basic") authorization = auth.username ? basicAuthorization(auth) : undefined;
    else authorization = `Bearer ${await fetchToken(connect, challenge, { scope, auth, insecure: endpoint.insecure })}`;
    return authorization !== undefined && authorization !== before;
  }

  return {
    base: endpoint.base,
    async send(call, accept) {
      let response = await once(call);
      if (response.statusCode === 401) {
        response.resume();
        if (await authorise(response)) response = await once(call);
        else throw new EngineError("unauthorized", "unauthorized: authentication required");
      }
      if (accept.includes(response.statusCode ?? 0)) return response;
      throw await refusal(response, call);
    },
  };
}

function redirected(from: URL, location: string, insecure: boolean): URL {
  if (!URL.canParse(location, from.href)) throw internal(`redirect from ${from.href} to an invalid address`);
  const url = new URL(location, from);
  const allowed = url.protocol === "https:" || (url.protocol === "http:" && (insecure || from.protocol === "http:"));
  if (!allowed) throw internal(`redirect from ${from.href} to ${url.protocol}//${url.host} refused`);
  return url;
}

/** {"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]} -> "manifest unknown: manifest unknown" */
async function refusal(response: IncomingMessage, { method, path }: Call): Promise<EngineError> {
  const status = response.statusCode ?? 0;
  const body = method === "HEAD" ? Buffer.alloc(0) : await readBody(response, ERROR_LIMIT, "error of the registry");
  response.resume();
  const kind = KINDS[status] ?? "internal";
  const told = firstError(body);
  if (told) return new EngineError(kind, `${told.code.toLowerCase().replaceAll("_", " ")}: ${told.message}`);
  if (status === 404) return new EngineError(kind, "manifest unknown: manifest unknown");
  return new EngineError(
    kind,
    `unexpected status from ${method} request to ${path}: ${status} ${response.statusMessage ?? ""}`.trim(),
  );
}

function firstError(body: Buffer): { code: string; message: string } | undefined {
  try {
    const error: unknown = JSON.parse(body.toString())?.errors?.[0];
    if (typeof error !== "object" || error === null) return undefined;
    const code: unknown = Reflect.get(error, "code");
    const message: unknown = Reflect.get(error, "message");
    return typeof code === "string" ? { code, message: typeof message === "string" ? message : "" } : undefined;
  } catch {
    return undefined;
  }
}
