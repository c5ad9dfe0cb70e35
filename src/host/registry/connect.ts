/**
 * One HTTP request to a registry, a token server or wherever they redirect. Never through a proxy: node's agents know
 * none unless they are told, and these are not.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { isIP } from "node:net";
import type { Readable } from "node:stream";
import { EngineError, internal } from "../../engine/errors.ts";

export type ConnectOptions = {
  /**
   * Safety switch: connect to loopback only. Everything else is refused before any name is resolved and any packet is
   * sent; only literal loopback addresses and the name localhost (which is not looked up) pass.
   */
  loopbackOnly: boolean;
};
export type Request = {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  url: URL;
  headers: Record<string, string>;
  body?: Buffer | Readable;
  /** accept any certificate */
  insecure: boolean;
  signal?: AbortSignal;
};

/** No byte for so long ends a transfer; it may be resumed. */
const IDLE_MS = 60_000;

export type Connect = (request: Request) => Promise<IncomingMessage>;

/** @returns a function that sends a request and gives the response's head. Its errors name the URL. */
export function createConnect({ loopbackOnly }: ConnectOptions): Connect {
  const agent = new HttpAgent({ keepAlive: true, timeout: IDLE_MS });
  let secure: ReturnType<typeof loadHttps> | undefined;
  return async (request) => {
    const { method, url, headers, body, insecure, signal } = request;
    if (loopbackOnly) refuseRemote(url);
    const isHttps = url.protocol === "https:";
    if (isHttps) secure ??= loadHttps();
    const send = isHttps ? await secure : undefined;
    return new Promise((resolve, reject) => {
      const options = {
        method,
        headers,
        host: hostOf(url),
        port: url.port || (isHttps ? 443 : 80),
        path: `${url.pathname}${url.search}`,
        ...(signal ? { signal } : {}),
      };
      const sent = send ? send(options, insecure) : httpRequest({ ...options, agent });
      sent.on("response", resolve);
      sent.on("timeout", () => sent.destroy(new Error("i/o timeout")));
      sent.on("error", (error) => reject(signal?.aborted ? error : failure(method, url, error)));
      if (body === undefined || Buffer.isBuffer(body)) sent.end(body);
      else {
        body.on("error", (error) => sent.destroy(error));
        body.pipe(sent);
      }
    });
  };
}

/** Loaded at the first use: with TLS and its tables it takes two MB, and many engines never pull. */
async function loadHttps() {
  const { Agent, request } = await import("node:https");
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
  const careless = new Agent({ keepAlive: true, timeout: IDLE_MS, rejectUnauthorized: false });
  return (options: RequestOptions, insecure: boolean) => request({ ...options, agent: insecure ? careless : agent });
}

/** Is it an address of 127.0.0.0/8 or ::1, or the name localhost? Decided by the text: nothing is looked up. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (bare === "localhost") return true;
  return isIP(bare) === 4
    ? bare.startsWith("127.")
    : isIP(bare) === 6 && (bare === "::1" || /^::ffff:(127\.|7f)/.test(bare));
}

function refuseRemote(url: URL): void {
  if (isLoopback(url.hostname)) return;
  throw new EngineError(
    "forbidden",
    `registry connection to ${url.host} refused: this engine was started with --registry-loopback-only`,
  );
}

/** localhost never asks a name server. */
function hostOf(url: URL): string {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return host.toLowerCase() === "localhost" ? "127.0.0.1" : host;
}

/** In Go's words: clients and people search for them. */
function failure(method: string, url: URL, error: Error): EngineError {
  const code = "code" in error ? String(error.code) : "";
  const address = `${hostOf(url)}:${url.port || (url.protocol === "https:" ? 443 : 80)}`;
  const reason =
    code === "ECONNREFUSED"
      ? `dial tcp ${address}: connect: connection refused`
      : code === "ENOTFOUND" || code === "EAI_AGAIN"
        ? `dial tcp: lookup ${url.hostname}: no such host`
        : error.message;
  const verb = method.charAt(0) + method.slice(1).toLowerCase();
  return internal(`${verb} "${url.href}": ${reason}`, error);
}
