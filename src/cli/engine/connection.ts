import type { Agent as HttpAgent, IncomingMessage, RequestOptions } from "node:http";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { CliError, DaemonError, NoEngineError } from "../errors.ts";
import { DEFAULT_HOST, type Host } from "./host.ts";
import { parseJson } from "./json.ts";

// Not by import: its namespace object has every export read at once, WebSocket among them, and that loads all of undici
// (some 60 ms). What is asked for by name is all that is loaded.
const { Agent, request } = process.getBuiltinModule("node:http");

/** The newest API that this client speaks. */
const NEWEST = "1.51";

export type Query = Record<string, string | number | boolean | string[] | undefined>;
export type Ask = {
  query?: Query;
  /** sent as JSON */
  body?: unknown;
  /** sent as it is (a tar archive) */
  stream?: Readable;
  headers?: Record<string, string>;
};
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";

export type Engine = {
  readonly host: Host;
  /** what this and the engine both speak: "1.41" */
  apiVersion(): Promise<string>;
  /** headers of /_ping, asked once */
  ping(): Promise<IncomingMessage["headers"]>;
  /** The answer with its body still to be read. @throws DaemonError from status 400 on */
  open(method: Method, path: string, ask?: Ask): Promise<IncomingMessage>;
  text(method: Method, path: string, ask?: Ask): Promise<string>;
  /**
   * The answer decoded. The engine is believed: T says what is used of the answer, with every field optional that an
   * older engine leaves out.
   */
  get<T>(path: string, ask?: Ask): Promise<T>;
  post<T>(path: string, ask?: Ask): Promise<T>;
  delete<T>(path: string, ask?: Ask): Promise<T>;
  /** The connection itself, after the engine took it over (attach, exec): raw bytes both ways. */
  hijack(path: string, ask?: Ask): Promise<Hijacked>;
  close(): void;
};

export type Hijacked = { socket: Socket; head: Buffer; contentType: string };

/** @param host where it listens; nothing is sent yet */
export function createEngine(host: Host): Engine {
  const agent = new Agent({ keepAlive: true });
  let pinged: Promise<IncomingMessage["headers"]> | undefined;

  const ping = () => {
    pinged ??= send(host, agent, "HEAD", "/_ping", {}).then((reply) => {
      reply.resume();
      return reply.headers;
    });
    return pinged;
  };
  const apiVersion = async () => {
    const offered = (await ping())["api-version"];
    return typeof offered === "string" && minor(offered) < minor(NEWEST) ? offered : NEWEST;
  };
  const open = async (method: Method, path: string, ask: Ask = {}) => {
    const reply = await send(host, agent, method, `/v${await apiVersion()}${path}${queryText(ask.query)}`, ask);
    if ((reply.statusCode ?? 0) >= 400) throw await daemonError(reply);
    return reply;
  };
  const text = async (method: Method, path: string, ask?: Ask) => readText(await open(method, path, ask));
  const decoded = async <T>(method: Method, path: string, ask?: Ask) => {
    const body = await text(method, path, ask);
    return (body.trim() === "" ? null : parseJson(body)) as T;
  };

  return {
    host,
    apiVersion,
    ping,
    open,
    text,
    get: (path, ask) => decoded("GET", path, ask),
    post: (path, ask) => decoded("POST", path, ask),
    delete: (path, ask) => decoded("DELETE", path, ask),
    hijack: async (path, ask = {}) => upgrade(host, `/v${await apiVersion()}${path}${queryText(ask.query)}`, ask),
    close: () => agent.destroy(),
  };
}

export async function readText(reply: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of reply) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const minor = (version: string) => Number(version.split(".")[1] ?? 0);

function queryText(query: Query = {}): string {
  const params = new URLSearchParams();
  for (const key of Object.keys(query).sort()) {
    const value = query[key];
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value])
      params.append(key, one === true ? "1" : one === false ? "0" : String(one));
  }
  const text = params.toString();
  return text && `?${text}`;
}

function address(host: Host): RequestOptions {
  return "socketPath" in host ? { socketPath: host.socketPath } : { host: host.host, port: host.port };
}

/** Without a name the agent would look for one, for TLS, by patterns that take milliseconds to compile. */
const NO_TLS = { servername: "" };

function send(host: Host, agent: HttpAgent, method: Method, path: string, ask: Ask): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { headers, payload } = prepared(ask);
    const out = request({ ...address(host), ...NO_TLS, agent, method, path, headers }, resolve);
    out.on("error", (error) => reject(connectError(host, error)));
    if (ask.stream) {
      ask.stream.on("error", (error) => out.destroy(error));
      ask.stream.pipe(out);
    } else out.end(payload);
  });
}

function upgrade(host: Host, path: string, ask: Ask): Promise<Hijacked> {
  return new Promise((resolve, reject) => {
    const { headers, payload } = prepared(ask);
    Object.assign(headers, { Connection: "Upgrade", Upgrade: "tcp" });
    const out = request({ ...address(host), ...NO_TLS, agent: false, method: "POST", path, headers });
    out.on("error", (error) => reject(connectError(host, error)));
    out.on("upgrade", (reply, socket, head) =>
      resolve({ socket: socket as Socket, head, contentType: String(reply.headers["content-type"] ?? "") }),
    );
    out.on("response", (reply) => {
      if ((reply.statusCode ?? 0) >= 400) daemonError(reply).then(reject, reject);
      else reject(new CliError(`unable to upgrade to tcp, received ${reply.statusCode}`));
    });
    out.end(payload);
  });
}

function prepared(ask: Ask) {
  const payload = ask.body === undefined ? undefined : JSON.stringify(ask.body);
  const headers: Record<string, string | number> = {
    Host: "api.moby.localhost",
    "User-Agent": "Cloche-Client",
    ...ask.headers,
  };
  if (payload !== undefined) {
    headers["Content-Type"] = "application/json";
    headers["Content-Length"] = Buffer.byteLength(payload);
  } else if (ask.stream) headers["Content-Type"] ??= "application/x-tar";
  return { headers, payload };
}

function connectError(host: Host, error: NodeJS.ErrnoException): Error {
  if (error.code === "EACCES" || error.code === "EPERM")
    return new CliError(
      `permission denied while trying to connect to the Docker daemon socket at ${host.address}\nUse sudo, or be a member of the group that the socket belongs to.`,
    );
  // Docker's words alone where an address was given; who gave none may not know yet that an engine has to be started.
  const cure =
    host.address === DEFAULT_HOST
      ? "Start the engine with 'sudo cloche engine', or say where another one listens with -H, CLOCHE_HOST or DOCKER_HOST."
      : "";
  const away = ["ECONNREFUSED", "ENOENT", "ENOTSOCK", "ENOTDIR", "ETIMEDOUT", "EHOSTUNREACH", "ENOTFOUND", "EAI_AGAIN"];
  return away.includes(error.code ?? "") ? new NoEngineError(host.address, error, cure) : error;
}

async function daemonError(reply: IncomingMessage): Promise<DaemonError> {
  const body = await readText(reply);
  let message = body.trim();
  try {
    const json = parseJson(body);
    if (json && typeof json === "object" && "message" in json) message = String(json.message);
  } catch {
    // Not JSON: a proxy's or a very old engine's plain text is the message.
  }
  if (message === "")
    message = `request returned ${reply.statusMessage} for API route and version, check if the server supports the requested API version`;
  return new DaemonError(reply.statusCode ?? 500, message.trim());
}
