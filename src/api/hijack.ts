/**
 * Connections that stop being HTTP: attach and exec start, and BuildKit's two.
 *
 *     client                                     server
 *     POST /exec/x/start                         1. with `Upgrade: tcp` (docker CLI, docker-py, dockerode):
 *       Upgrade: tcp, body: JSON          ->          101 UPGRADED, then raw bytes both ways
 *     POST /exec/x/start, body: JSON      ->     2. without: 200 OK, then raw bytes both ways on the same connection
 *     GET /containers/x/attach/ws         ->     3. websocket: each message is a piece of the stream
 *     POST /grpc, Upgrade: h2c            ->     4. 101 UPGRADED, then HTTP/2: gRPC one way or the other (buildkit/)
 *
 * Either side may close its half; the route decides when the stream is over.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Duplex, Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { EngineError, invalid } from "../engine/errors.ts";
import { once } from "../lib/once.ts";
import { splitApiVersion } from "../wire/api-version.ts";
import { RAW_STREAM } from "../wire/stdcopy.ts";
import { parseBody } from "./bodies.ts";
import { errorAnswer } from "./errors.ts";
import { leaveHeadAlone } from "./leave-head-alone.ts";
import { shapeRequest, streamContentType } from "./older-clients.ts";
import { readUpgradeBody } from "./upgrade-body.ts";

/** What is spoken when the connection has been taken over; "tcp" stands for plain bytes. */
type Protocol = "tcp" | "websocket" | "h2c";

export type HijackRequest = {
  /** The {id} of the path, "" where it has none. */
  id: string;
  headers: IncomingHttpHeaders;
  query: URLSearchParams;
  /** Parsed JSON; undefined if there was none. */
  body: unknown;
  apiMinor: number;
};

export type HijackAnswer =
  /** An ordinary reply after all (exec start with Detach). */
  | { reply: number }
  /** Take the connection over. The stream is ended when `run` resolves. */
  | { contentType: string; run: (stream: Duplex) => Promise<void> };

export type HijackRoute = {
  protocol: Protocol;
  /** With one ":id" in it, such as "/containers/:id/attach", or with none. */
  path: string;
  /** Errors thrown here are answered as HTTP; those of `run` only end the stream. */
  handle(request: HijackRequest): Promise<HijackAnswer>;
};

export type HijackRouterOptions = {
  routes: HijackRoute[];
  /** Sent with every answer. */
  headers: [string, string][];
  cgroupVersion: "v1" | "v2";
  onFault: (error: unknown) => void;
};

/** How long a client may keep its half open when all has been sent to it. */
const LINGER_MS = 30_000;

/** Routes requests that take their connection over, however they ask for it. */
export function createHijackRouter(options: HijackRouterOptions) {
  const open = new Set<Duplex>();
  /** Connections that are taken over, or may be when their request has been looked at. */
  const claimed = new WeakSet<Socket>();
  const matchers = options.routes.map((route) => ({ route, pattern: patternOf(route.path) }));
  const websockets = once(loadWebsockets);

  const find = (request: IncomingMessage): { route: HijackRoute; id: string } | undefined => {
    const protocol = protocolOf(request) ?? "tcp";
    if (request.method !== (protocol === "websocket" ? "GET" : "POST")) return undefined;
    const path = (request.url ?? "").replace(/^\/v[0-9.]+(?=\/)/, "").split("?", 1)[0] ?? "";
    for (const { route, pattern } of matchers) {
      const match = route.protocol === protocol ? pattern.exec(path) : null;
      const [, id = ""] = match ?? [];
      if (match && isDecodable(id, route)) return { route, id: decodeURIComponent(id) };
    }
    return undefined;
  };

  const keep = (stream: Duplex) => {
    if (open.has(stream)) return;
    open.add(stream);
    stream.once("close", () => open.delete(stream));
  };

  const serve = async (stream: Duplex, run: (stream: Duplex) => Promise<void>, held?: Promise<void>) => {
    keep(stream);
    // A client that resets its connection is no fault of anybody's; `run` sees the close.
    stream.on("error", () => stream.destroy());
    try {
      await run(stream);
      await held; // ending would flush
      // What the client still sends is for nobody; one that never closes its half shall not stay for ever.
      stream.resume();
      stream.end(() => setTimeout(() => stream.destroy(), LINGER_MS).unref());
    } catch (error) {
      if (!errorAnswer(error).expected) options.onFault(error);
      stream.destroy();
    }
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    // From here on no server closes it: an engine that stops while the request is looked at would wait for it.
    keep(socket);
    try {
      const found = find(request);
      if (!found) throw new Error(`no route takes ${request.url} over`);
      refuseOtherOrigins(request);
      const { url, minor } = splitApiVersion(request.url ?? "/");
      const query = new URL(url, "http://localhost").searchParams;
      const body = found.route.protocol === "tcp" ? parseBody(await readUpgradeBody(request, socket, head)) : undefined;
      if (found.route.protocol === "h2c" && head.length > 0) socket.unshift(head);
      const { path, protocol } = found.route;
      const shaped = protocol === "tcp" ? shapeRequest(`POST ${path}`, minor, { query: {}, body }, options).body : body;
      const { headers } = request;
      const answer = await found.route.handle({ id: found.id, headers, query, body: shaped, apiMinor: minor });
      if ("reply" in answer)
        return void socket.end(responseHead(`${answer.reply} OK`, options.headers, ["Content-Length: 0"]));
      if (found.route.protocol === "websocket") {
        (await websockets())(request, socket, head, (stream) => void serve(stream, answer.run));
        return;
      }
      socket.write(
        responseHead("101 UPGRADED", options.headers, [
          `Content-Type: ${streamContentType(answer.contentType, minor)}`,
          "Connection: Upgrade",
          `Upgrade: ${protocol}`,
        ]),
      );
      await serve(socket, answer.run, leaveHeadAlone(request, socket));
    } catch (error) {
      refuse(socket, error, options);
    }
  };

  return {
    /** Is this a request to hand to `upgrade`? */
    wants: (request: IncomingMessage) => isUpgrade(request) && find(request) !== undefined,
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void upgrade(request, socket, head),
    /**
     * May this request be served? What is read behind one that may take its connection over is meant for the stream. Node
     * would parse it as a next request, which somebody who lets only attach through (a filter in front) has never seen.
     */
    admits(request: IncomingMessage, response: ServerResponse): boolean {
      if (claimed.has(request.socket)) return false;
      if (find(request)) {
        claimed.add(request.socket);
        // An ordinary answer after all: a refusal, or exec start with Detach.
        response.once("finish", () => claimed.delete(request.socket));
      }
      return true;
    },
    /** Adds the routes for clients that do not offer an upgrade. */
    register(app: FastifyInstance) {
      for (const { route } of matchers) {
        if (route.protocol === "tcp") app.post(route.path, (request, reply) => plain(route, request, reply));
        if (route.protocol === "h2c") app.post(route.path, async () => refuseWithoutHttp2());
      }
    },
    closeAll: () => open.forEach((stream) => void stream.destroy()),
  };

  async function plain(route: HijackRoute, request: FastifyRequest, reply: FastifyReply) {
    const { id } = request.params as { id: string };
    const { headers } = request.raw;
    const query = new URL(request.raw.url ?? "/", "http://localhost").searchParams;
    // A chunked body of no declared type is stdin itself (docker-modem's openStdin without hijack).
    const stdin = request.body instanceof Readable ? request.body : undefined;
    const answer = await route.handle({
      ...{ id, headers, query },
      body: stdin ? undefined : request.body,
      apiMinor: request.apiMinor,
    });
    if ("reply" in answer) return reply.code(answer.reply).send();
    reply.hijack();
    const { socket } = request.raw;
    const stream = stdin ? Duplex.from({ readable: stdin, writable: socket }) : takeOver(socket);
    socket.write(responseHead("200 OK", options.headers, [`Content-Type: ${RAW_STREAM}`]));
    await serve(stream, answer.run, leaveHeadAlone(request.raw, stream));
  }
}

/** Loaded when one is asked for: few engines ever see one. @returns how to accept one as a stream */
async function loadWebsockets() {
  const { createWebSocketStream, WebSocketServer } = await import("ws");
  const server = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  return (request: IncomingMessage, socket: Duplex, head: Buffer, then: (stream: Duplex) => void) =>
    server.handleUpgrade(request, socket, head, (client) => then(createWebSocketStream(client)));
}

/** Browsers let any page open a websocket to here, and say only which page it is. Other clients name this host, or nothing. */
function refuseOtherOrigins({ headers: { origin, host } }: IncomingMessage): void {
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return;
  throw new EngineError("forbidden", `websockets of the page ${origin.slice(0, 100)} are not answered`);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(":id", "([^/]+)")}$`);
}

/** "%zz" is left to the ordinary routes, which answer 400. Asked by node's parser: nothing may be thrown there. */
function isDecodable(id: string, { path }: HijackRoute): boolean {
  try {
    return decodeURIComponent(id) !== "" || !path.includes(":id");
  } catch {
    return false;
  }
}

function isUpgrade(request: IncomingMessage): boolean {
  return protocolOf(request) !== undefined;
}

/** What a request offers to change to, if it is something that is spoken here. */
function protocolOf({ headers }: IncomingMessage): Protocol | undefined {
  const offered = headers.upgrade?.toLowerCase();
  return offered === "tcp" || offered === "websocket" || offered === "h2c" ? offered : undefined;
}

function refuseWithoutHttp2(): never {
  throw invalid("this is BuildKit's gRPC: the request must offer an upgrade to h2c");
}

/** Take a connection away from node's HTTP parser, as node itself does on an upgrade. */
function takeOver(socket: Socket): Socket {
  // Asking for "data" makes node give the handle back from the parser; then nobody but us listens.
  socket.on("data", () => {});
  for (const event of ["data", "end", "close", "drain", "error", "timeout"]) socket.removeAllListeners(event);
  socket.pause();
  socket.setTimeout(0);
  return socket;
}

function refuse(socket: Duplex, error: unknown, options: HijackRouterOptions): void {
  const answer = errorAnswer(error);
  if (!answer.expected) options.onFault(error);
  const body = `${JSON.stringify({ message: answer.message })}\n`;
  const fields = ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`, "Connection: close"];
  socket.end(`${responseHead(`${answer.status} Error`, options.headers, fields)}${body}`);
}

function responseHead(status: string, headers: [string, string][], fields: string[]): string {
  const lines = [`HTTP/1.1 ${status}`, ...headers.map(([name, value]) => `${name}: ${value}`), ...fields];
  return `${lines.join("\r\n")}\r\n\r\n`;
}
