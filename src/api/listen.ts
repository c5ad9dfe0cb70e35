/** Addresses the API is served on. */
import { chmodSync, chownSync, lstatSync, mkdirSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { conflict, invalid } from "../engine/errors.ts";
import { isLoopbackHost } from "./other-pages.ts";

/**
 * Bind a server to "unix:///path" or "tcp://host:port".
 * A socket that nobody listens on any more (its engine was killed) is replaced; one with a listener never is.
 * @param opts mode and gid of the unix socket
 * @returns the address as bound: a port of 0 is replaced by the one that was picked
 * @throws EngineError conflict when somebody listens there, invalid on other addresses
 */
export async function bindAddress(
  server: Server,
  address: string,
  opts: { mode?: number; gid?: number },
): Promise<string> {
  if (address.startsWith("unix://")) return bindUnix(server, address.slice("unix://".length), opts);
  if (address.startsWith("tcp://")) return bindTcp(server, address);
  throw invalid(`invalid address ${address}: must be unix:///path or tcp://127.0.0.1:port`);
}

async function bindUnix(server: Server, path: string, opts: { mode?: number; gid?: number }): Promise<string> {
  if (!path.startsWith("/")) throw invalid(`invalid address unix://${path}: the path must be absolute`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  await removeStale(path);
  await listening(server, { path });
  if (opts.gid !== undefined) chownSync(path, -1, opts.gid);
  // Until here only root could connect: bind(2) applies the umask, and connecting needs write permission.
  chmodSync(path, opts.mode ?? 0o660);
  return `unix://${path}`;
}

async function bindTcp(server: Server, address: string): Promise<string> {
  const { hostname, port } = new URL(address.replace("tcp:", "http:"));
  if (!isLoopbackHost(hostname)) {
    throw invalid(`refusing to listen on ${address}: without TLS the API is only served on loopback addresses`);
  }
  await listening(server, { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port) });
  const bound = server.address();
  return `tcp://${hostname}:${typeof bound === "object" ? bound?.port : port}`;
}

async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket()) throw conflict(`cannot listen on unix://${path}: the file exists and is no socket`);
  if (await answers(path)) throw conflict(`cannot listen on unix://${path}: another engine is serving it`);
  unlinkSync(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => resolve(probe.destroy() !== undefined));
    // ECONNREFUSED: nobody listens. EAGAIN: somebody does, with a full backlog.
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "EAGAIN"));
  });
}

/** Rejects with what listen(2) says. */
export function listening(server: Server, where: { path: string } | { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}
