/** Volumes over HTTP, on real directories. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import fastify, { type FastifyInstance } from "fastify";
import { errorAnswer } from "../../src/api/errors.ts";
import { volumeRoutes } from "../../src/api/routes/volumes.ts";
import type { Container } from "../../src/engine/containers/container.ts";
import { aRecord } from "../../src/engine/containers/fixtures.ts";
import { createEventBus, type EngineEvent } from "../../src/engine/events.ts";
import type { Volumes } from "../../src/engine/ports.ts";
import { createVolumes, type VolumeApi } from "../../src/engine/volumes/volumes.ts";
import { createLauncher } from "../../src/host/launcher/launcher.ts";
import { recordTable } from "../../src/host/net/record-table.ts";
import { createVolumeHost } from "../../src/host/volumes/volume-host.ts";
import { binary } from "../native/harness.ts";

const root = mkdtempSync(join(tmpdir(), "cloche-volumes-"));
const database = new DatabaseSync(":memory:");
const events: EngineEvent[] = [];
const containers: Container[] = [];
let launcher: Awaited<ReturnType<typeof createLauncher>>;
let volumes: Volumes & VolumeApi;
let app: FastifyInstance;

before(async () => {
  launcher = await createLauncher({ binary, socket: join(root, "launch.sock") });
  await open();
});
after(async () => {
  for (const { Name } of volumes.list({ values: () => [], has: () => false })) {
    for (const { record } of containers) await volumes.release(record.id, false);
    await volumes.release("c1", false);
    await volumes.remove(Name);
  }
  await launcher.close();
  database.close();
  rmSync(root, { recursive: true });
});

/** A new engine on the same state. */
async function open(): Promise<void> {
  const bus = createEventBus(() => process.hrtime.bigint());
  bus.subscribe((event) => events.push(event));
  volumes = await createVolumes({
    table: recordTable(database, "volumes"),
    host: await createVolumeHost(root, launcher),
    store: { all: () => containers },
    events: bus,
    clock: { now: () => new Date().toISOString() },
    newId: () => randomBytes(32).toString("hex"),
    log: (message) => assert.fail(message),
  });
  app = fastify();
  app.decorateRequest("apiMinor", 51);
  app.setErrorHandler((error, _request, reply) => {
    const { status, message } = errorAnswer(error);
    reply.code(status).send({ message });
  });
  volumeRoutes(app, { volumes });
}

async function call(method: "GET" | "POST" | "DELETE" | "PUT", url: string, payload?: object) {
  const answer = await app.inject({ method, url, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.body === "" ? undefined : answer.json() };
}
const filters = (value: object) => `filters=${encodeURIComponent(JSON.stringify(value))}`;

test("a volume is created, shown, listed and removed", async () => {
  const made = await call("POST", "/volumes/create", { Name: "data", Labels: { tier: "db" } });
  assert.equal(made.status, 201);
  const { CreatedAt, ...rest } = made.body;
  assert.match(CreatedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.deepEqual(rest, {
    Driver: "local",
    Labels: { tier: "db" },
    Mountpoint: join(root, "volumes/data/_data"),
    Name: "data",
    Options: null,
    Scope: "local",
  });
  assert.ok(statSync(rest.Mountpoint).isDirectory());
  assert.deepEqual((await call("GET", "/volumes/data")).body, made.body);
  assert.deepEqual((await call("GET", "/volumes")).body, { Volumes: [made.body], Warnings: null });
  assert.deepEqual(await call("POST", "/volumes/create", { Name: "data" }), { status: 201, body: made.body });
  assert.deepEqual(await call("DELETE", "/volumes/data"), { status: 204, body: undefined });
  assert.ok(!existsSync(join(root, "volumes/data")));
  assert.deepEqual(
    events.map(({ Action, Actor }) => [Action, Actor.ID]),
    [
      ["create", "data"],
      ["destroy", "data"],
    ],
  );
});

test("what is missing answers 404 with docker's words, removal by force 204", async () => {
  const missing = { status: 404, body: { message: "get nothing: no such volume" } };
  assert.deepEqual(await call("GET", "/volumes/nothing"), missing);
  assert.deepEqual(await call("DELETE", "/volumes/nothing"), missing);
  assert.equal((await call("DELETE", "/volumes/nothing?force=1")).status, 204);
});

test("bad names, drivers, options and bodies are refused, and nothing is made", async () => {
  const refused: [object, number, RegExp][] = [
    [{ Name: "../x" }, 400, /^create \.\.\/x: "\.\.\/x" includes invalid characters for a local volume name/],
    [{ Name: ".." }, 400, /includes invalid characters/],
    [{ Name: "x" }, 400, /^create x: volume name is too short, names should be at least two alphanumeric characters$/],
    [{ Name: "ok", Driver: "nfs4" }, 404, /^create ok: error looking up volume plugin nfs4: plugin "nfs4" not found$/],
    [{ Name: "ok", DriverOpts: { colour: "red" } }, 400, /^create ok: invalid option: "colour"$/],
    [{ Name: "ok", DriverOpts: { type: "tmpfs" } }, 400, /^create ok: missing required option: "device"$/],
    [{ Name: 7 }, 400, /cannot unmarshal number into Go struct field CreateOptions\.Name of type string/],
    [{ Name: "ok", Labels: { a: 1 } }, 400, /cannot unmarshal/],
  ];
  for (const [body, status, message] of refused) {
    const answer = await call("POST", "/volumes/create", body);
    assert.equal(answer.status, status, JSON.stringify(body));
    assert.match(answer.body.message, message);
  }
  assert.deepEqual(readdirSync(join(root, "volumes")), []);
  assert.equal((await call("GET", `/volumes?${filters({ colour: ["red"] })}`)).status, 400);
  assert.equal((await call("PUT", "/volumes/x?version=1", {})).status, 503);
});

test("filters of list: name, label, dangling", async () => {
  await call("POST", "/volumes/create", { Name: "alpha", Labels: { a: "1" } });
  await call("POST", "/volumes/create", { Name: "beta", Labels: { a: "2" } });
  await volumes.acquire("beta", "c1");
  const names = async (value: object) =>
    (await call("GET", `/volumes?${filters(value)}`)).body.Volumes.map(({ Name }: { Name: string }) => Name);
  assert.deepEqual(await names({ name: ["lph"] }), ["alpha"]);
  assert.deepEqual(await names({ label: ["a"] }), ["alpha", "beta"]);
  assert.deepEqual(await names({ label: ["a=2"] }), ["beta"]);
  assert.deepEqual(await names({ dangling: ["true"] }), ["alpha"]);
  assert.deepEqual(await names({ dangling: ["0"] }), ["beta"]);
  assert.equal((await call("GET", `/volumes?${filters({ dangling: ["maybe"] })}`)).status, 400);
});

test("a volume in use is not removed; afterwards it is", async () => {
  assert.deepEqual(await call("DELETE", "/volumes/beta"), {
    status: 409,
    body: { message: "remove beta: volume is in use - [c1]" },
  });
  await volumes.release("c1", true);
  assert.equal((await call("DELETE", "/volumes/beta")).status, 204);
});

test("prune takes anonymous volumes, and named ones only when asked; what is in use stays", async () => {
  const anonymous = await volumes.acquire("", "gone", { anonymous: true });
  await volumes.release("gone", false);
  const used = await volumes.acquire("", "c1", { anonymous: true });
  writeFileSync(join(anonymous.mountpoint, "file"), "12345");
  assert.match(anonymous.name, /^[0-9a-f]{64}$/);
  assert.deepEqual((await call("POST", "/volumes/prune")).body, {
    VolumesDeleted: [anonymous.name],
    SpaceReclaimed: 5,
  });
  assert.deepEqual(
    (await call("POST", `/volumes/prune?${filters({ all: ["true"], "label!": ["a"] })}`)).body.VolumesDeleted,
    [],
  );
  assert.deepEqual((await call("POST", `/volumes/prune?${filters({ all: ["true"] })}`)).body.VolumesDeleted, ["alpha"]);
  await volumes.release("c1", true);
  assert.ok(!existsSync(used.mountpoint));
});

test("after a restart volumes are there, those of containers in use, and a directory without record is kept", async () => {
  await call("POST", "/volumes/create", { Name: "kept" });
  mkdirSync(join(root, "volumes/found/_data"), { recursive: true });
  const id = "7".repeat(64);
  const mount = {
    Type: "volume",
    Name: "kept",
    Source: "",
    Destination: "/d",
    Mode: "",
    RW: true,
    Propagation: "",
  } as const;
  containers.push({ record: aRecord({ id, mounts: [mount] }) } as Container);
  await open();
  assert.equal((await call("DELETE", "/volumes/kept")).body.message, `remove kept: volume is in use - [${id}]`);
  assert.equal((await call("GET", "/volumes/found")).status, 200);
  containers.length = 0;
  await volumes.release(id, false);
});

test("options mount on the volume's directory while containers use it, and removal never empties what was mounted", async () => {
  const precious = join(root, "precious");
  mkdirSync(precious);
  writeFileSync(join(precious, "file"), "");
  await call("POST", "/volumes/create", { Name: "bound", DriverOpts: { type: "none", o: "bind", device: precious } });
  const { mountpoint } = await volumes.acquire("bound", "c1");
  assert.deepEqual(readdirSync(mountpoint), ["file"]);
  await volumes.release("c1", false);
  assert.deepEqual(readdirSync(mountpoint), []);
  await volumes.acquire("bound", "c1");
  assert.equal((await call("DELETE", "/volumes/bound")).status, 409);
  await volumes.release("c1", false);
  assert.equal((await call("DELETE", "/volumes/bound")).status, 204);
  assert.deepEqual(readdirSync(precious), ["file"]);

  await call("POST", "/volumes/create", {
    Name: "memory",
    DriverOpts: { type: "tmpfs", o: "size=1m", device: "tmpfs" },
  });
  const memory = await volumes.acquire("memory", "c1");
  assert.notEqual(statSync(memory.mountpoint).dev, statSync(root).dev);
  await volumes.release("c1", false);

  await call("POST", "/volumes/create", { Name: "lost", DriverOpts: { type: "none", o: "bind", device: "/no/such" } });
  await assert.rejects(volumes.acquire("lost", "c1"), {
    message:
      /^error while mounting volume '.*\/lost\/_data': failed to mount local volume: mount \/no\/such:.*: no such file or directory$/,
  });
});

test("an empty volume is filled from the image, links are not followed out of it", async () => {
  const base = join(root, "layers");
  for (const name of ["low/srv/data/sub", "low/outside", "top/srv", "upper", "work", "merged"])
    mkdirSync(join(base, name), { recursive: true });
  writeFileSync(join(base, "low/srv/data/owned"), "x", { mode: 0o640 });
  const secret = join(root, "secret");
  mkdirSync(secret);
  writeFileSync(join(secret, "key"), "host's");
  symlinkSync(secret, join(base, "top/srv/absolute"));
  symlinkSync("../../../../../../../../srv/data", join(base, "top/srv/relative"));
  symlinkSync(join(secret, "key"), join(base, "low/srv/data/link"));
  symlinkSync("loop", join(base, "top/srv/loop"));
  const { chownSync, chmodSync } = await import("node:fs");
  chownSync(join(base, "low/srv/data"), 1234, 5678);
  chmodSync(join(base, "low/srv/data"), 0o750);
  chownSync(join(base, "low/srv/data/owned"), 42, 43);
  const layer = { base, lowers: ["top", "low"], upper: "upper", work: "work" };
  const fill = async (path: string) => {
    const volume = await volumes.acquire("", "c1", { anonymous: true });
    await volumes.populate(volume.name, layer, join(base, "merged"), path);
    return volume.mountpoint;
  };

  for (const path of ["/srv/data", "/srv/relative", "/srv/../srv/data/"]) {
    const filled = await fill(path);
    assert.deepEqual(readdirSync(filled).sort(), ["link", "owned", "sub"], path);
    const { uid, gid, mode } = statSync(filled);
    assert.deepEqual([uid, gid, mode & 0o7777], [1234, 5678, 0o750]);
    assert.equal(statSync(join(filled, "owned")).uid, 42);
    assert.ok(lstatSync(join(filled, "link")).isSymbolicLink());
    assert.equal(readFileSync(join(filled, "owned"), "utf8"), "x");
  }
  for (const path of ["/srv/absolute", "/srv/loop", "/missing", "/srv/data/owned"])
    assert.deepEqual(readdirSync(await fill(path)), [], path);

  const volume = await volumes.acquire("", "c1", { anonymous: true });
  writeFileSync(join(volume.mountpoint, "mine"), "");
  await volumes.populate(volume.name, layer, join(base, "merged"), "/srv/data");
  assert.deepEqual(readdirSync(volume.mountpoint), ["mine"]);
  assert.deepEqual(readdirSync(join(base, "merged")), []);
  await volumes.release("c1", true);
});
