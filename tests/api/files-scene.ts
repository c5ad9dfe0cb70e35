/** What the tests of containers' files share: requests with archives, and archives taken apart. */
import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import { readTar, type TarEntry } from "../../src/host/storage/tar-reader.ts";
import type { TestEngine } from "../support/engine.ts";

export type Answer = { status: number; body: Buffer; stat: Record<string, unknown> | undefined; message: string };

/** @param path of the API, unversioned */
export function call(engine: TestEngine, method: string, path: string, body?: Buffer | object): Promise<Answer> {
  const archive = Buffer.isBuffer(body);
  const bytes = archive ? body : body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const headers = bytes ? { "Content-Type": archive ? "application/x-tar" : "application/json" } : {};
    const sent = request({ socketPath: engine.socket, method, path, headers, agent: false }, async (response) => {
      try {
        const whole = await buffer(response);
        const header = response.headers["x-docker-container-path-stat"];
        resolve({
          status: response.statusCode ?? 0,
          body: whole,
          stat: typeof header === "string" ? JSON.parse(Buffer.from(header, "base64").toString()) : undefined,
          message: (response.statusCode ?? 0) < 400 || whole.length === 0 ? "" : JSON.parse(whole.toString()).message,
        });
      } catch (error) {
        reject(error);
      }
    });
    sent.once("error", reject);
    sent.end(bytes);
  });
}

export function archivePath(container: string, path: string, options: Record<string, string> = {}): string {
  return `/containers/${container}/archive?${new URLSearchParams({ path, ...options })}`;
}

/** Entries by name, content as text. */
export async function untar(archive: Buffer): Promise<Map<string, TarEntry & { content: string }>> {
  const entries = new Map<string, TarEntry & { content: string }>();
  async function* whole() {
    yield archive;
  }
  for await (const { entry, body } of readTar(whole())) {
    const pieces: Buffer[] = [];
    for await (const piece of body) pieces.push(piece);
    const name = Buffer.from(entry.name, "latin1").toString();
    entries.set(name, { ...entry, content: Buffer.concat(pieces).toString() });
  }
  return entries;
}

/** A container that does nothing. @returns its id */
export function sleeper(engine: TestEngine, ...options: string[]): Promise<string> {
  return engine.ok("run", "-d", "--network", "none", ...options, "busybox", "sleep", "1000000");
}

/** Run a shell command in a container. */
export function shell(engine: TestEngine, container: string, script: string): Promise<string> {
  return engine.ok("exec", container, "sh", "-c", script);
}
