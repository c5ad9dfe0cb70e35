/**
 * The server of the page: on loopback, behind a one-time token, in front of the engine's own API.
 *
 *     GET /?token=T          T is used up; a cookie for /SESSION/ only, and on to there
 *     GET /SESSION/          the page and its files               needs the cookie
 *     …   /SESSION/api/…     the engine's API, what allowed.ts has of it
 *
 * Every request passes guard.ts first.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { conflict, invalid } from "../../engine/errors.ts";
import { listening } from "../listen.ts";
import { isLoopbackHost } from "../other-pages.ts";
import { isAllowed } from "./allowed.ts";
import { loadPage, type PageFile } from "./files.ts";
import { cookieOf, type Purpose, refusal } from "./guard.ts";
import { SECURITY_HEADERS, sendNote } from "./headers.ts";
import { createSessions, TOKEN_LIFE_MS } from "./sessions.ts";

/** The engine's API as the API's server hands it on: one that has been looked at before. */
export type InnerApi = {
  serve(request: IncomingMessage, response: ServerResponse): void;
  wants(request: IncomingMessage): boolean;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
};

export type Ui = ReturnType<typeof createUi>;
/** root: dist/web */
export type UiOptions = { api: InnerApi; root: string; now: () => number };

const COOKIE = "cloche-page";
const HEADERS_TIMEOUT_MS = 30_000;
const SIGN_IN = "Type “cloche ui” on the host of the engine: it prints a link that is good for one sign-in.";

export function createUi({ api, root, now }: UiOptions) {
  const sessions = createSessions(now);
  let running: { server: Server; address: string; url: string } | undefined;
  let page: Map<string, PageFile> | undefined;

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
    const { method = "GET", url = "/" } = request;
    const { session, rest, query } = cut(url);
    const inApi = rest.startsWith("api/");
    const no = refusal(request.headers, purposeOf(method, inApi));
    if (no !== undefined) return void sendNote(response, 403, { title: "Refused", text: no });
    if (session === "" && rest === "") return void signIn(method, new URLSearchParams(query).get("token"), response);
    if (!sessions.admits(session, cookieOf(request.headers, COOKIE)))
      return inApi
        ? void sendJson(response, 401, "the session has ended: cloche ui prints a link for a new one")
        : void sendNote(response, 401, { title: "Not signed in", text: SIGN_IN });
    if (!inApi) return void sendFile(method, rest, request, response);
    const path = rest.slice("api".length);
    if (!isAllowed(method, path)) return void sendJson(response, 403, `the page may not ask for ${method} ${path}`);
    request.url = path + query;
    api.serve(request, response);
  };

  function signIn(method: string, token: string | null, response: ServerResponse): void {
    if (method !== "GET") return void notAllowed(response, "GET");
    const session = token === null ? undefined : sessions.redeem(token);
    if (session === undefined) {
      const used = "This link has been used, or is older than five minutes. ";
      return void sendNote(response, 401, { title: "Not signed in", text: (token === null ? "" : used) + SIGN_IN });
    }
    const path = `/${session.name}/`;
    sendNote(response, 200, {
      title: "Signed in",
      text: "The page opens.",
      goTo: path,
      headers: { "Set-Cookie": `${COOKIE}=${session.secret}; Path=${path}; HttpOnly; SameSite=Strict` },
    });
  }

  function sendFile(method: string, path: string, request: IncomingMessage, response: ServerResponse): void {
    if (method !== "GET" && method !== "HEAD") return void notAllowed(response, "GET, HEAD");
    page ??= loadPage(root);
    if (page === undefined)
      return void sendNote(response, 503, {
        title: "Not built",
        text: "The page is not built: npm run build:web makes it.",
      });
    const file = page.get(path === "" ? "index.html" : path);
    if (file === undefined) return void sendNote(response, 404, { title: "Not found", text: "There is no such file." });
    const zip = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
    const body = zip ? file.zipped : file.body;
    response.writeHead(200, {
      "Content-Type": file.type,
      "Content-Length": body.length,
      ...(file.lasting && { "Cache-Control": "private, max-age=31536000, immutable" }),
      ...(zip && { "Content-Encoding": "gzip" }),
    });
    response.end(method === "HEAD" ? undefined : body);
  }

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { session, rest, query } = cut(request.url ?? "/");
    const path = rest.slice("api".length);
    const refuse = (status: string) =>
      void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    socket.on("error", () => socket.destroy());
    // A browser says a websocket's Origin always: one without is not the page.
    if (refusal(request.headers, "sends") !== undefined) return refuse("403 Forbidden");
    if (!sessions.admits(session, cookieOf(request.headers, COOKIE))) return refuse("401 Unauthorized");
    if (!rest.startsWith("api/") || !isAllowed("GET", path)) return refuse("403 Forbidden");
    request.url = path + query;
    if (!api.wants(request)) return refuse("404 Not Found");
    api.upgrade(request, socket, head);
  };

  return {
    /**
     * Serve on this address, or go on where it serves already.
     * @param address "127.0.0.1:8420"; port 0: any free one. undefined: where it is served, else 127.0.0.1:0
     * @throws EngineError invalid for an address that is not loopback, conflict when it cannot be had
     */
    async listen(address?: string): Promise<string> {
      if (running !== undefined) {
        if (address === undefined || address === running.address) return running.url;
        throw conflict(`the page is served at ${running.url} already`);
      }
      const { host, port } = loopback(address ?? "127.0.0.1:0");
      const server = createServer(
        {
          headersTimeout: HEADERS_TIMEOUT_MS,
          requestTimeout: 0,
          shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === "websocket",
        },
        serve,
      );
      server.on("upgrade", upgrade);
      await listening(server, { host, port }).catch((error: NodeJS.ErrnoException) => {
        throw conflict(`cannot serve the page on ${address ?? "127.0.0.1:0"}: ${error.code ?? error.message}`);
      });
      const bound = (server.address() as AddressInfo).port;
      const shown = host.includes(":") ? `[${host}]` : host;
      running = { server, address: address ?? "127.0.0.1:0", url: `http://${shown}:${bound}/` };
      return running.url;
    },
    /** A link for one sign-in. Throws as listen does. */
    async link(address?: string): Promise<{ url: string; seconds: number }> {
      const url = await this.listen(address);
      return { url: `${url}?token=${sessions.issue()}`, seconds: TOKEN_LIFE_MS / 1000 };
    },
    async close(): Promise<void> {
      const server = running?.server;
      running = undefined;
      if (server === undefined) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** "/SESSION/rest?query"; the query keeps its question mark. */
function cut(url: string): { session: string; rest: string; query: string } {
  const at = url.indexOf("?");
  const path = at < 0 ? url : url.slice(0, at);
  const [, session = "", rest = ""] = /^\/([^/]*)\/?(.*)$/.exec(path) ?? [];
  return { session, rest, query: at < 0 ? "" : url.slice(at) };
}

function purposeOf(method: string, inApi: boolean): Purpose {
  if (method === "GET" || method === "HEAD") return inApi ? "reads" : "opens";
  return "sends";
}

function loopback(address: string): { host: string; port: number } {
  const [, host = "", port = ""] = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+):(\d{1,5})$/i.exec(address) ?? [];
  if (host === "" || Number(port) > 65535) throw invalid(`invalid address "${address}" for the page: it is HOST:PORT`);
  if (!isLoopbackHost(host))
    throw invalid(
      `refusing to serve the page on ${address}: whoever can use it is root here, so it is served on loopback addresses only; from elsewhere: ssh -L`,
    );
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function notAllowed(response: ServerResponse, allow: string): void {
  sendNote(response, 405, { title: "Not allowed", text: `Here only ${allow} is answered.`, headers: { Allow: allow } });
}

function sendJson(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(`${JSON.stringify({ message })}\n`);
}
