/**
 * The HTTP server in front of the engine: versions, headers, limits, errors; routes come from outside.
 *
 *     socket -> node:http -> dispatch (version, common headers) -> fastify -> route
 *                  └ Upgrade: tcp, websocket -> hijack.ts -> route
 */
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import fastify, { type FastifyInstance } from "fastify";
import { API_VERSION, splitApiVersion } from "../wire/api-version.ts";
import { installBodyParsers, JSON_BODY_LIMIT } from "./bodies.ts";
import { errorAnswer } from "./errors.ts";
import { withoutForeignPages } from "./foreign-pages.ts";
import { createHijackRouter, type HijackRoute } from "./hijack.ts";
import { bindAddress } from "./listen.ts";
import { encodeNameSlashes } from "./names-in-paths.ts";
import { minorMeant, shapeForOlderClients } from "./older-clients.ts";
import { notBuiltRoutes } from "./routes/not-built.ts";
import type { InnerApi } from "./ui/server.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The minor API version asked for: 24 to 51; 51 for a path without version. */
    apiMinor: number;
  }
}

/** What is logged here are faults of the engine only; pino's loggers fit. */
export type ServerLog = { error(details: object, message: string): void };

export type ServerOptions = {
  log: ServerLog;
  /** Adds all ordinary routes. */
  register: (app: FastifyInstance) => void;
  /** Routes that take the connection over: attach, exec start. */
  hijacks: HijackRoute[];
  /** Of the host: decides what old clients mean. */
  cgroupVersion: "v1" | "v2";
  /** For the Server header: "Cloche/0.1.0 (linux)". */
  serverName: string;
};

export type ApiServer = {
  /**
   * Serve on one more address: "unix:///path" or "tcp://127.0.0.1:port". May be called several times.
   * @param opts mode (default 0660) and group of a unix socket
   * @throws EngineError conflict when another process listens there, invalid on an address that is not allowed
   */
  listen(address: string, opts?: { mode?: number; gid?: number }): Promise<{ address: string }>;
  /** The API for a server that looks at each request before: the page's. */
  readonly inner: InnerApi;
  /** Stop listening and end every connection, streams included. */
  close(): Promise<void>;
};

/** Headers may hold registry credentials and long filters, but not more than this. */
const MAX_HEADER_BYTES = 256 * 1024;
const MAX_HEADERS = 200;
/** A client must have sent its headers by then. Streams and uploads themselves have no limit of time. */
const HEADERS_TIMEOUT_MS = 30_000;
/** Go's clients keep idle connections for 90 s: closing earlier than they do would race with their next request. */
const KEEP_ALIVE_MS = 300_000;

export async function createServer(options: ServerOptions): Promise<ApiServer> {
  const headers = commonHeaders(options.serverName);
  const hijackRouter = createHijackRouter({
    routes: options.hijacks,
    headers,
    cgroupVersion: options.cgroupVersion,
    onFault: (error) => logFault(options.log, error),
  });
  const app = buildApp(options, hijackRouter.register);
  await app.ready();

  const dispatch = (request: IncomingMessage, response: ServerResponse) => {
    if (!hijackRouter.admits(request, response)) return void request.socket.destroy();
    for (const [name, value] of headers) response.setHeader(name, value);
    if (applyVersion(request, response)) app.routing(request, response);
  };

  const inner: InnerApi = { serve: dispatch, wants: hijackRouter.wants, upgrade: hijackRouter.upgrade };
  const servers = new Set<Server>();
  return {
    inner,
    async listen(address, opts = {}) {
      const server = limitedServer(address.startsWith("tcp:") ? withoutForeignPages(inner) : inner);
      const bound = await bindAddress(server, address, opts);
      servers.add(server);
      return { address: bound };
    },
    async close() {
      const closed = [...servers].map((server) => new Promise((resolve) => server.close(resolve)));
      for (const server of servers) server.closeAllConnections();
      hijackRouter.closeAll();
      await Promise.all(closed);
      await app.close();
    },
  };
}

function limitedServer({ serve, wants, upgrade }: InnerApi): Server {
  const server = createHttpServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 5_000,
      // Anything else with an Upgrade header is an ordinary request: RFC 9110 lets a server ignore the offer.
      shouldUpgradeCallback: (request) => wants(request),
    },
    serve,
  );
  server.maxHeadersCount = MAX_HEADERS;
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => upgrade(request, socket, head));
  return server;
}

function buildApp(options: ServerOptions, registerHijacks: (app: FastifyInstance) => void): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: JSON_BODY_LIMIT,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 4096 },
    // Bodies are decoded by src/wire: fastify's own compilers of schemas would be loaded for nothing (some MB).
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  });
  app.decorateRequest("apiMinor", 0);
  app.addHook("onRequest", async (request) => {
    request.apiMinor = minorMeant(minorOf.get(request.raw) ?? 0, request.headers["user-agent"]);
  });
  // Docker's Go client reads an error only from exactly this type; fastify would add a charset.
  app.addHook("onSend", async (_request, reply) => {
    if (reply.getHeader("content-type") === "application/json; charset=utf-8")
      reply.header("content-type", "application/json");
  });
  installBodyParsers(app);
  shapeForOlderClients(app, options);
  // Docker answers an unknown path and an unknown method alike.
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: "page not found" }));
  app.setErrorHandler((error, request, reply) => {
    const answer = errorAnswer(error);
    if (!answer.expected) logFault(options.log, error, `${request.method} ${request.routeOptions.url ?? ""}`);
    reply.code(answer.status);
    return answer.status === 304 ? reply.send() : reply.send({ message: answer.message });
  });
  // First those that take connections over: what nobody has built is filled in last by `register`.
  registerHijacks(app);
  options.register(app);
  notBuiltRoutes(app);
  return app;
}

function noSchemas(): never {
  throw new Error("routes have no schemas here");
}

const minorOf = new WeakMap<IncomingMessage, number>();

/** Cut the version off the URL. @returns false when the request was answered (a version not spoken here). */
function applyVersion(request: IncomingMessage, response: ServerResponse): boolean {
  try {
    const { url, minor } = splitApiVersion(request.url ?? "/");
    minorOf.set(request, minor);
    request.url = encodeNameSlashes(request.method ?? "GET", url);
    return true;
  } catch (error) {
    const { status, message } = errorAnswer(error);
    response.writeHead(status, { "Content-Type": "application/json" }).end(`${JSON.stringify({ message })}\n`);
    return false;
  }
}

function commonHeaders(serverName: string): [string, string][] {
  return [
    ["Api-Version", API_VERSION],
    ["Docker-Experimental", "false"],
    ["Ostype", "linux"],
    ["Server", serverName],
  ];
}

/** @param route method and pattern: a whole URL may hold what should not be in logs */
function logFault(log: ServerLog, error: unknown, route?: string): void {
  log.error({ err: error, route }, "request failed");
}
