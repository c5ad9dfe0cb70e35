/** A client of BuildKit's protocol without manners: what it is asked for, it answers as a test pleases. */
import { randomBytes } from "node:crypto";
import { request } from "node:http";
import type { Duplex } from "node:stream";
import { connectGrpc, type GrpcClient } from "../../src/lib/grpc/client.ts";
import { type Call, type Method, serveGrpc } from "../../src/lib/grpc/server.ts";
import { MESSAGES, type Packet, type SolveRequest, type Stat } from "../../src/wire/buildkit/messages.ts";
import type { TestEngine } from "../support/engine.ts";

export const CONTROL = "/moby.buildkit.v1.Control/";
export const BRIDGE = "/moby.buildkit.v1.frontend.LLBBridge/";
const FILE_SYNC = "/moby.filesync.v1.FileSync/DiffCopy";
const MAX_MESSAGE = 64 * 1024 * 1024;

/** @returns the connection behind 101, or the refusal's text */
export function upgrade(
  { socket: socketPath }: TestEngine,
  path: string,
  headers: Record<string, string> = {},
): Promise<Duplex | string> {
  return new Promise((resolve, reject) => {
    const asked = request({
      ...{ socketPath, path, method: "POST", agent: false },
      headers: { Connection: "Upgrade", Upgrade: "h2c", ...headers },
    });
    asked.once("upgrade", (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket.on("error", () => {}));
    });
    asked.once("response", (response) => {
      response.setEncoding("utf8").once("data", resolve);
    });
    asked.once("error", reject);
    asked.end();
  });
}

async function upgraded(...given: Parameters<typeof upgrade>): Promise<Duplex> {
  const connection = await upgrade(...given);
  if (typeof connection === "string") throw new Error(connection);
  return connection;
}

export type Kit = GrpcClient & { connection: Duplex };

export async function openKit(engine: TestEngine): Promise<Kit> {
  const connection = await upgraded(engine, "/grpc");
  return { ...connectGrpc(connection, { maxMessage: MAX_MESSAGE }), connection };
}

export const sessionHeaders = (id: string, methods: string[]) => ({
  "X-Docker-Expose-Session-Uuid": id,
  "X-Docker-Expose-Session-Grpc-Method": methods.join(","),
});

export async function openSession(engine: TestEngine, methods: Record<string, Method>) {
  const id = randomBytes(12).toString("hex");
  const connection = await upgraded(engine, "/session", sessionHeaders(id, Object.keys(methods)));
  const closed = serveGrpc(connection, { methods: new Map(Object.entries(methods)), maxMessage: MAX_MESSAGE });
  return { id, connection, closed };
}

export const newRef = () => randomBytes(12).toString("hex");

export type Asked = Partial<SolveRequest>;

/** @returns what the exporter tells */
export async function solve(kit: GrpcClient, asked: Asked, signal?: AbortSignal): Promise<Record<string, string>> {
  const request = MESSAGES.solveRequest.encode({ Ref: newRef(), Frontend: "dockerfile.v0", ...asked });
  const answer = await kit.call(`${CONTROL}Solve`, request, signal && { signal });
  return MESSAGES.solveResponse.decode(answer).ExporterResponse;
}

export type File = Partial<Stat> & { path: string; text?: string };

export const statOf = ({ text, ...given }: File): Stat => ({
  ...{ mode: 0o644, uid: 0, gid: 0, size: Buffer.byteLength(text ?? ""), modTime: 0, linkname: "" },
  ...{ devmajor: 0, devminor: 0, xattrs: {}, ...given },
});

export const packet = (given: Partial<Packet>) => MESSAGES.packet.encode(given);

/** What a session's files are, whatever directory is asked for. @param answer to a request for one of them */
export function files(list: File[], answer: (file: File, ID: number) => Partial<Packet>[] = honest): Method {
  return async function* ({ requests }) {
    for (const file of list) yield packet({ type: 0, stat: statOf(file) });
    yield packet({ type: 0 });
    for await (const message of requests) {
      const { type, ID } = MESSAGES.packet.decode(message);
      if (type === 3) return yield packet({ type: 3 });
      const file = list[ID];
      if (file) for (const one of answer(file, ID)) yield packet(one);
    }
  };
}

const honest = ({ text = "" }: File, ID: number): Partial<Packet>[] => [
  ...(text === "" ? [] : [{ type: 2, ID, data: Buffer.from(text) }]),
  { type: 2, ID },
];

/** A Dockerfile, and a context of which the test says what it is. */
export function fileSync(dockerfile: string, context: Method = files([])): Record<string, Method> {
  const own = files([{ path: "Dockerfile", text: dockerfile }]);
  const none = files([]);
  return {
    [FILE_SYNC]: (call: Call) => {
      const { "dir-name": directory, followpaths } = call.metadata;
      if (directory !== "context") return own(call);
      return followpaths === ".dockerignore" ? none(call) : context(call);
    },
  };
}
