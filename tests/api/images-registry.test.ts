/** Pull and push against a real registry on loopback, and against one that lies (attack case 16). */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import { MEDIA } from "../../src/wire/manifest.ts";
import { hostPlatform } from "../../src/wire/platform.ts";
import { parseReference } from "../../src/wire/reference.ts";
import { type Answer, type TestStore, testApi, testStore } from "../support/images.ts";
import { registrySkip, startRegistry } from "../support/registry.ts";
import { tarOf } from "../support/tar.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const ROOT = tarOf([{ name: "bin/hello", mode: 0o755, content: "hello" }]);
const host = hostPlatform(process.arch);
const sha256 = (bytes: Buffer | string) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const statuses = (answer: Answer) => answer.lines().map(({ status }) => String(status));
const NO_AUTH = { "X-Registry-Auth": "e30=" };

describe("a real registry", { skip: skip || registrySkip }, () => {
  test("what was pushed is pulled again, with docker's progress", async () => {
    await using registry = await startRegistry();
    await using store = await testStore();
    await using api = await testApi(store);
    const name = `${registry.host}/team/app`;
    await store.images.import(one(ROOT), { repo: name, tag: "v1", message: "", changes: ["CMD hello"], platform: "" });
    const { id } = store.images.find(`${name}:v1`);
    const pushed = await api.call("POST", `/images/${name}/push?tag=v1`, { headers: NO_AUTH });
    const digest = /digest: (sha256:\S+) size: \d+$/.exec(statuses(pushed).at(-2) ?? "")?.[1] ?? "";
    assert.equal(statuses(pushed)[0], `The push refers to repository [${name}]`);
    assert.ok(statuses(pushed).includes("Pushed"));
    assert.deepEqual(store.images.find(id).repoDigests, [`${name}@${digest}`]);
    assert.ok(
      statuses(await api.call("POST", `/images/${name}/push?tag=v1`, { headers: NO_AUTH })).includes(
        "Layer already exists",
      ),
    );

    const removed = (await api.call("DELETE", `/images/${name}:v1`)).json();
    assert.deepEqual(removed.slice(0, 2), [{ Untagged: `${name}:v1` }, { Untagged: `${name}@${digest}` }]);
    const pull = () => api.call("POST", `/images/create?fromImage=${name}&tag=v1`);
    const pulled = statuses(await pull());
    assert.equal(pulled[0], "Pulling from team/app");
    assert.equal(pulled[1], "Pulling fs layer");
    for (const status of ["Verifying Checksum", "Download complete", "Pull complete"])
      assert.ok(pulled.includes(status), status);
    assert.deepEqual(pulled.slice(-2), [`Digest: ${digest}`, `Status: Downloaded newer image for ${name}:v1`]);
    assert.equal(store.images.find(`${name}@${digest}`).id, id);
    assert.deepEqual(statuses(await pull()), [
      "Pulling from team/app",
      `Digest: ${digest}`,
      `Status: Image is up to date for ${name}:v1`,
    ]);
    const shown = (await api.call("GET", `/distribution/${name}:v1/json`)).json();
    assert.equal((shown.Descriptor as { digest: string }).digest, digest);
    assert.deepEqual(shown.Platforms, [host]);
  });

  test("all tags, by digest, and what is not there", async () => {
    await using registry = await startRegistry();
    await using store = await testStore();
    await using api = await testApi(store);
    const name = `${registry.host}/app`;
    for (const tag of ["a", "b"]) {
      await store.images.import(one(ROOT), { repo: name, tag, message: tag, changes: [], platform: "" });
    }
    await api.call("POST", `/images/${name}/push`, { headers: NO_AUTH });
    const digest = store.images.find(`${name}:a`).repoDigests[0]?.split("@")[1] ?? "";
    for (const tag of ["a", "b"]) await store.images.remove(`${name}:${tag}`, { force: true, prune: true });
    await api.call("POST", `/images/create?fromImage=${name}`);
    assert.deepEqual(
      store.images
        .list(ALL)
        .flatMap(({ RepoTags }) => RepoTags)
        .sort(),
      [`${name}:a`, `${name}:b`],
    );
    for (const tag of ["a", "b"]) await store.images.remove(`${name}:${tag}`, { force: true, prune: true });
    await api.call("POST", `/images/create?fromImage=${name}&tag=${digest}`);
    assert.deepEqual(store.images.find(`${name}@${digest}`).repoTags, []);
    const missing = await api.call("POST", `/images/create?fromImage=${name}&tag=nope`);
    assert.equal(missing.status, 404);
    assert.equal(missing.json().message, `manifest for ${name}:nope not found: manifest unknown: manifest unknown`);
    const unknown = await api.call("POST", `/images/x/push?tag=1`, { headers: NO_AUTH });
    assert.match(String(unknown.lines().at(-1)?.error), /An image does not exist locally with the tag: x/);
  });

  test("a mirror is asked for Docker Hub's images", async () => {
    await using registry = await startRegistry();
    await using store = await testStore({ mirrors: [`http://${registry.host}`] });
    const name = `${registry.host}/library/app`;
    await store.images.import(one(ROOT), { repo: name, tag: "1", message: "", changes: [], platform: "" });
    await store.images.push({ reference: parseReference(`${name}:1`), auth: {}, signal: NEVER }, () => {});
    await store.images.pull({ reference: parseReference("app:1"), auth: {}, signal: NEVER }, () => {});
    assert.equal(store.images.find("app:1").id, store.images.find(`${name}:1`).id);
  });
});

describe("a registry with a will of its own", { skip }, () => {
  const layer = gzipSync(ROOT);
  const config = Buffer.from(
    JSON.stringify({ ...platformOf(host), rootfs: { type: "layers", diff_ids: [sha256(ROOT)] } }),
  );

  test("an index is followed to the platform; zstd layers are unpacked; tokens are fetched", async () => {
    const packed = zstdCompressSync(ROOT);
    const mine = imageManifest(config, packed, MEDIA.ociLayerZstd);
    const theirs = imageManifest(Buffer.from("{}"), packed);
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA.ociIndex,
      manifests: [
        { ...descriptor(theirs, MEDIA.ociManifest), platform: { os: "linux", architecture: "s390x" } },
        { ...descriptor(mine, MEDIA.ociManifest), platform: host },
      ],
    });
    await using fake = await fakeRegistry({
      manifests: { "1": [MEDIA.ociIndex, index], [sha256(mine)]: [MEDIA.ociManifest, mine] },
      blobs: [config, packed],
      token: true,
    });
    await using store = await testStore();
    const reference = parseReference(`${fake.host}/app:1`);
    const auth = { username: "me", password: "secret" };
    await store.images.pull({ reference, auth, signal: NEVER }, () => {});
    assert.equal(store.images.find(`${fake.host}/app:1`).id, sha256(config));
    assert.deepEqual(store.images.find(sha256(config)).repoDigests, [`${fake.host}/app@${sha256(index)}`]);
    assert.ok(fake.seen.some((line) => /scope=repository%3Aapp%3Apull/.test(line)));
    await assert.rejects(
      store.images.pull(
        { reference, auth, signal: NEVER, platform: { os: "linux", architecture: "riscv64" } },
        () => {},
      ),
      { kind: "not-found", message: "no matching manifest for linux/riscv64 in the manifest list entries" },
    );
    await assert.rejects(
      store.images.pull({ reference, auth: {}, signal: NEVER }, () => {}),
      {
        kind: "not-found",
        message: /pull access denied/,
      },
    );
  });

  test("a transfer that breaks is taken up where it broke", async () => {
    const big = gzipSync(tarOf([{ name: "random", content: randomBytes(300_000) }]), { level: 0 });
    const own = configOf(big);
    await using fake = await fakeRegistry({
      manifests: { "1": [MEDIA.ociManifest, imageManifest(own, big)] },
      blobs: [own, big],
      breakAfter: 100_000,
    });
    await using store = await testStore();
    await store.images.pull({ reference: parseReference(`${fake.host}/app:1`), auth: {}, signal: NEVER }, () => {});
    assert.equal(store.images.find(`${fake.host}/app:1`).size, 300_000);
    assert.ok(fake.seen.some((line) => /bytes=[1-9]\d*-/.test(line)));
  });

  const good = imageManifest(config, layer);
  const lies: Record<string, { manifest: [string, string]; blobs?: [string, Buffer][]; expected: RegExp }> = {
    "a layer of other bytes": {
      manifest: [MEDIA.ociManifest, good],
      blobs: [[sha256(layer), Buffer.alloc(layer.length, 1)]],
      expected: /verification failed/,
    },
    "a layer longer than stated": {
      manifest: [MEDIA.ociManifest, good],
      blobs: [[sha256(layer), Buffer.concat([layer, Buffer.alloc(10)])]],
      expected: /larger than the stated/,
    },
    "a configuration of other bytes": {
      manifest: [MEDIA.ociManifest, good],
      blobs: [[sha256(config), Buffer.alloc(config.length, 32)]],
      expected: /verification failed/,
    },
    "another layer than the configuration says": {
      manifest: [MEDIA.ociManifest, imageManifest(config, gzipSync(tarOf([{ name: "other" }])))],
      blobs: [[sha256(gzipSync(tarOf([{ name: "other" }]))), gzipSync(tarOf([{ name: "other" }]))]],
      expected: /wrong diff id/,
    },
    "fewer layers than the configuration says": {
      manifest: [MEDIA.ociManifest, JSON.stringify({ ...JSON.parse(good), layers: [] })],
      expected: /don't match image configuration/,
    },
    "a manifest that is an index too (CVE-2021-41190)": {
      manifest: [MEDIA.ociManifest, JSON.stringify({ ...JSON.parse(good), manifests: [] })],
      expected: /manifest invalid/,
    },
    "an image served as an index": { manifest: [MEDIA.ociIndex, good], expected: /manifest invalid/ },
    "a manifest larger than any": {
      manifest: [MEDIA.ociManifest, " ".repeat(5_000_000)],
      expected: /larger than 4194304/,
    },
    "a schema 1 manifest": {
      manifest: ["application/vnd.docker.distribution.manifest.v1+json", '{"schemaVersion":1}'],
      expected: /schema 1 is not supported/,
    },
    "a layer that climbs out": {
      manifest: [MEDIA.ociManifest, hostile().manifest],
      blobs: [
        [sha256(hostile().layer), hostile().layer],
        [sha256(hostile().config), hostile().config],
      ],
      expected: /outside of/,
    },
  };
  for (const [what, { manifest, blobs = [], expected }] of Object.entries(lies)) {
    test(`the pull fails and leaves nothing: ${what}`, async () => {
      await using fake = await fakeRegistry({ manifests: { "1": manifest }, blobs: [config, layer], named: blobs });
      await using store = await testStore();
      const reference = parseReference(`${fake.host}/app:1`);
      await assert.rejects(
        store.images.pull({ reference, auth: {}, signal: NEVER }, () => {}),
        { message: expected },
      );
      await assertNothing(store);
    });
  }

  test("a client that goes away ends the pull", async () => {
    await using fake = await fakeRegistry({
      manifests: { "1": [MEDIA.ociManifest, good] },
      blobs: [config],
      hang: sha256(layer),
    });
    await using store = await testStore();
    const gone = new AbortController();
    const pull = store.images.pull(
      { reference: parseReference(`${fake.host}/app:1`), auth: {}, signal: gone.signal },
      () => {},
    );
    await fake.hanging;
    gone.abort();
    await assert.rejects(pull);
    await assertNothing(store);
  });

  test("the switch for loopback refuses every other address before it is looked up or spoken to", async () => {
    await using fake = await fakeRegistry({
      manifests: {},
      blobs: [],
      token: "http://token.example/",
      redirect: "http://192.0.2.1/x",
    });
    await using store = await testStore();
    const pull = (ref: string, auth = {}) =>
      store.images.pull({ reference: parseReference(ref), auth, signal: NEVER }, () => {});
    const refused = { kind: "forbidden", message: /--registry-loopback-only/ };
    for (const ref of ["busybox:1", "registry.example/app:1", "192.0.2.1:5000/app:1", "localhost.example:1/app:1"]) {
      await assert.rejects(pull(ref), refused, ref);
    }
    await assert.rejects(pull(`${fake.host}/app:1`), refused, "token server");
    await assert.rejects(pull(`${fake.host}/redirected:1`), refused, "redirect");
  });
});

const NEVER = new AbortController().signal;
const ALL = { all: true, sharedSize: false, filters: { values: () => [], has: () => false } };

async function assertNothing(store: TestStore): Promise<void> {
  await store.storage.emptied();
  assert.deepEqual(store.images.list(ALL), []);
  assert.deepEqual(readdirSync(join(store.dataRoot, "layers")), ["empty"]);
  for (const name of ["tmp", "content/sha256"]) assert.deepEqual(readdirSync(join(store.dataRoot, name)), []);
}

function platformOf({ os, architecture }: { os: string; architecture: string }) {
  return { os, architecture };
}

function descriptor(bytes: Buffer | string, mediaType: string) {
  return { mediaType, digest: sha256(bytes), size: Buffer.byteLength(bytes) };
}

function imageManifest(config: Buffer, layer: Buffer, layerType: string = MEDIA.ociLayerGzip): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA.ociManifest,
    config: descriptor(config, MEDIA.ociConfig),
    layers: [descriptor(layer, layerType)],
  });
}

function configOf(packed: Buffer): Buffer {
  const diffId = sha256(gunzipSync(packed));
  return Buffer.from(JSON.stringify({ ...platformOf(host), rootfs: { type: "layers", diff_ids: [diffId] } }));
}

function hostile() {
  const layer = gzipSync(tarOf([{ name: "../../escaped", content: "x" }]));
  const config = configOf(layer);
  return { layer, config, manifest: imageManifest(config, layer) };
}

type Fake = {
  /** tag or digest -> media type and body */
  manifests: Record<string, [string, string]>;
  /** served under their own digests */
  blobs: Buffer[];
  /** served under digests that need not be theirs */
  named?: [string, Buffer][];
  /** ask for a token; a text: name that server for it */
  token?: boolean | string;
  /** where manifests of /redirected/ lead */
  redirect?: string;
  /** break the first transfer of a blob larger than this */
  breakAfter?: number;
  /** a blob that never comes */
  hang?: string;
};

async function fakeRegistry(fake: Fake) {
  const seen: string[] = [];
  const blobs = new Map([...fake.blobs.map((blob): [string, Buffer] => [sha256(blob), blob]), ...(fake.named ?? [])]);
  let broken = false;
  let hangs: () => void = () => {};
  const hanging = new Promise<void>((resolve) => {
    hangs = resolve;
  });
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { url = "", headers } = request;
    seen.push(`${url} ${headers.range ?? ""}`);
    const send = (status: number, type: string, body: Buffer | string) =>
      response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) }).end(body);
    if (url.startsWith("/token")) {
      const allowed = headers.authorization === `Basic ${Buffer.from("me:secret").toString("base64")}`;
      return send(allowed ? 200 : 401, "application/json", JSON.stringify({ token: "t0k3n" }));
    }
    if (fake.redirect && url.includes("/redirected/"))
      return response.writeHead(307, { Location: fake.redirect }).end();
    if (fake.token && headers.authorization !== "Bearer t0k3n") {
      const realm = typeof fake.token === "string" ? fake.token : `http://${headers.host}/token`;
      response.setHeader("WWW-Authenticate", `Bearer realm="${realm}",service="fake"`);
      return send(401, "application/json", "{}");
    }
    const manifest = fake.manifests[/\/manifests\/(.+)$/.exec(url)?.[1] ?? ""];
    if (manifest) return send(200, manifest[0], manifest[1]);
    const digest = /\/blobs\/(.+)$/.exec(url)?.[1] ?? "";
    if (digest === fake.hang) return hangs();
    const blob = blobs.get(digest);
    if (!blob)
      return send(404, "application/json", '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
    const from = Number(/bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0);
    if (from > 0) response.setHeader("Content-Range", `bytes ${from}-${blob.length - 1}/${blob.length}`);
    if (fake.breakAfter && blob.length > fake.breakAfter && !broken) {
      broken = true;
      response.writeHead(200, { "Content-Length": blob.length });
      return response.write(blob.subarray(0, fake.breakAfter), () => response.socket?.end());
    }
    return send(from > 0 ? 206 : 200, "application/octet-stream", blob.subarray(from));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    hanging,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
