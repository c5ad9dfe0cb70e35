/** An image store of its own in a temporary directory, with and without an HTTP server in front. */
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageRoutes } from "../../src/api/routes/images.ts";
import { createServer } from "../../src/api/server.ts";
import { createEventBus, type EngineEvent } from "../../src/engine/events.ts";
import { createImages, type Images } from "../../src/engine/images/images.ts";
import type { ImageUser } from "../../src/engine/images/remove.ts";
import { createRegistry } from "../../src/host/registry/registry.ts";
import { openStorage, type Storage } from "../../src/host/storage/storage.ts";
import type { UnpackLimits } from "../../src/host/storage/unpack.ts";
import { hostPlatform } from "../../src/wire/platform.ts";

export type TestStore = {
  dataRoot: string;
  storage: Storage;
  images: Images;
  events: EngineEvent[];
  /** image id -> containers that have it */
  users: Map<string, ImageUser[]>;
  /** Close and open again, as a restarted engine does. */
  reopen(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function testStore(
  options: { limits?: Partial<UnpackLimits>; mirrors?: string[]; loopbackOnly?: boolean } = {},
): Promise<TestStore> {
  const dataRoot = mkdtempSync(join(tmpdir(), "cloche-images-"));
  const users = new Map<string, ImageUser[]>();
  const events: EngineEvent[] = [];
  const bus = createEventBus(() => BigInt(Date.now()) * 1_000_000n);
  bus.subscribe((event) => events.push(event));
  const registry = createRegistry({
    mirrors: options.mirrors ?? [],
    insecureRegistries: [],
    // No test may reach beyond this machine.
    loopbackOnly: true,
  });
  const open = async () => {
    const storage = await openStorage({ dataRoot, limits: { reserve: 0, ...options.limits } });
    const images = createImages({
      ...{ records: storage.records, layerStore: storage.layerStore, archives: storage.archives, registry },
      events: bus,
      now: () => new Date().toISOString(),
      host: hostPlatform(process.arch),
      imageUsers: (id) => users.get(id) ?? [],
    });
    return { storage, images };
  };
  const store: TestStore = {
    ...{ dataRoot, users, events },
    ...(await open()),
    async reopen() {
      await store.storage.close();
      Object.assign(store, await open());
    },
    async [Symbol.asyncDispose]() {
      await store.storage.close();
      rmSync(dataRoot, { recursive: true, force: true });
    },
  };
  return store;
}

export type TestApi = {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  [Symbol.asyncDispose](): Promise<void>;
};
export type CallOptions = { body?: Buffer; headers?: Record<string, string> };
export type Answer = {
  status: number;
  body: Buffer;
  json(): Record<string, unknown> & Record<string, unknown>[];
  lines(): Record<string, unknown>[];
};

/** The image routes behind the real server, on a unix socket below the data root. */
export async function testApi(store: TestStore): Promise<TestApi> {
  const server = await createServer({
    cgroupVersion: "v1",
    log: { error: () => {} },
    register: (app) => imageRoutes(app, { images: store.images }),
    hijacks: [],
    serverName: "test",
  });
  const socketPath = join(store.dataRoot, "api.sock");
  await server.listen(`unix://${socketPath}`);
  return {
    call: (method, path, { body, headers = {} } = {}) =>
      new Promise((resolve, reject) => {
        const sent = request({ socketPath, method, path, headers, agent: false }, async (response) => {
          const pieces: Buffer[] = [];
          try {
            for await (const piece of response as AsyncIterable<Buffer>) pieces.push(piece);
            resolve(answer(response.statusCode ?? 0, Buffer.concat(pieces)));
          } catch (error) {
            reject(error);
          }
        });
        sent.once("error", reject);
        sent.end(body);
      }),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function answer(status: number, body: Buffer): Answer {
  const text = body.toString();
  return {
    status,
    body,
    json: () => JSON.parse(text),
    lines: () =>
      text
        .split("\r\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
  };
}
