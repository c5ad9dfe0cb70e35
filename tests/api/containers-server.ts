/** The HTTP server in front of the container part on fakes, on a socket of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { containerRoutes } from "../../src/api/routes/containers.ts";
import { createServer } from "../../src/api/server.ts";
import { createWorld, type World } from "../engine/fakes.ts";

export type Answer = { status: number; body: unknown };
export type Client = {
  world: World;
  socket: string;
  send(method: string, path: string, body?: unknown): Promise<Answer>;
};

/** Everything is closed and removed when the test ends. */
export async function serveContainers(t: TestContext): Promise<Client> {
  const directory = mkdtempSync(join(tmpdir(), "cloche-api-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const socket = join(directory, "s");
  const world = createWorld();
  const server = await createServer({
    cgroupVersion: "v1",
    log: { error: (details, message) => t.diagnostic(`${message} ${JSON.stringify(details)}`) },
    register: (app) => containerRoutes(app, { containers: world.containers }),
    hijacks: [],
    serverName: "test",
  });
  await server.listen(`unix://${socket}`);
  t.after(() => server.close());
  return { world, socket, send: (method, path, body) => send(socket, method, path, body) };
}

/** @param body text is sent as it is, everything else as JSON */
export function send(socketPath: string, method: string, path: string, body?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    const request = httpRequest({ socketPath, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) });
      });
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body));
  });
}
