/** Layers on a real file system, hostile archives first (attack cases 14 and 15, 27). Needs root: device nodes, xattrs. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { safeLayer } from "../../src/host/storage/safe-layer.ts";
import { type TestStore, testStore } from "../support/images.ts";
import { type TestEntry, tarOf } from "../support/tar.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";

async function* chunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 60_000) yield bytes.subarray(at, at + 60_000);
}

/** The diff id of the layer that a store took in last. */
const newest = new WeakMap<TestStore, string>();
const lastDiffId = (store: TestStore) => newest.get(store) ?? "";

/** Unpack as a layer; its directory. Held until the store is closed. */
async function unpack(store: TestStore, archive: Buffer | TestEntry[]): Promise<string> {
  const bytes = Buffer.isBuffer(archive) ? archive : tarOf(archive);
  const layer = await store.storage.layerStore.addArchive(chunks(bytes), { hold: store.storage.layerStore.hold() });
  newest.set(store, layer.diffId);
  return layer.directory;
}

/** Nothing is left of a failed unpacking. */
async function assertNothingLeft(store: TestStore): Promise<void> {
  await store.storage.emptied();
  assert.deepEqual(readdirSync(join(store.dataRoot, "layers")), ["empty"]);
  for (const name of ["tmp", "trash", "content/sha256"]) assert.deepEqual(readdirSync(join(store.dataRoot, name)), []);
}

describe("hostile archives", { skip }, () => {
  const refused: Record<string, [TestEntry[] | Buffer, RegExp]> = {
    "a name that climbs out": [[{ name: "../escaped" }], /outside of/],
    "a name that climbs out later": [[{ name: "a/../../escaped" }], /outside of/],
    "a hard link out": [
      [{ name: "a", type: "hardlink", link: "../../../../etc/shadow" }],
      /outside of|invalid hardlink/,
    ],
    "a hard link to what is not in the layer": [
      [{ name: "a", type: "hardlink", link: "/etc/passwd" }],
      /invalid hardlink/,
    ],
    "a whiteout of the parent": [[{ name: "a/.wh..." }], /invalid whiteout/],
    "a whiteout of nothing": [[{ name: ".wh." }], /invalid whiteout/],
    "a symlink loop as a parent": [
      [{ name: "a", type: "symlink", link: "b" }, { name: "b", type: "symlink", link: "a" }, { name: "a/file" }],
      /too many levels/,
    ],
    "a file as a parent": [[{ name: "a" }, { name: "a/b" }], /not a directory/],
    "the root as a file": [[{ name: "." }], /root directory/],
    "a PAX header of a gigabyte": [[{ name: "x", flag: "x", size: 1024 ** 3 }], /field too long/],
    "a name of a gigabyte": [[{ name: "x", flag: "L", size: 1024 ** 3 }], /field too long/],
    "a sparse entry": [[{ name: "a", pax: { "GNU.sparse.major": "1" } }], /sparse/],
    "an old sparse entry": [[{ name: "a", flag: "S" }], /unhandled tar header/],
    "an owner that is no id": [[{ name: "a", pax: { uid: "4294967295" } }], /invalid tar header/],
    "a NUL in a name": [[{ name: "a", pax: { path: "a\0b" } }], /invalid tar header/],
    "a truncated body": [tarOf([{ name: "a", content: "x".repeat(4000) }]).subarray(0, 1024), /unexpected EOF/],
    "no archive at all": [Buffer.alloc(3000, "no tar"), /invalid tar header/],
    "a corrupt gzip": [gzipSync(tarOf([{ name: "a", content: "x".repeat(9000) }])).subarray(0, 60), /gzip/],
  };
  for (const [what, [archive, message]] of Object.entries(refused)) {
    test(`refused, and nothing left: ${what}`, async () => {
      await using store = await testStore();
      await assert.rejects(unpack(store, archive), { name: "EngineError", message });
      await assertNothingLeft(store);
    });
  }

  test("a file below a symlink to /etc lands in the layer's own etc", async () => {
    await using store = await testStore();
    const before = readFileSync("/etc/passwd");
    const directory = await unpack(store, [
      { name: "a", type: "symlink", link: "/etc" },
      { name: "a/passwd", content: "mine" },
      { name: "up", type: "symlink", link: "../../../../../../tmp" },
      { name: "up/cloche-escaped", content: "mine" },
    ]);
    assert.equal(readFileSync(join(directory, "etc/passwd"), "utf8"), "mine");
    assert.equal(readFileSync(join(directory, "tmp/cloche-escaped"), "utf8"), "mine");
    assert.equal(existsSync("/tmp/cloche-escaped"), false);
    assert.deepEqual(readFileSync("/etc/passwd"), before);
  });

  test("a hard link through a symlink stays inside", async () => {
    await using store = await testStore();
    const directory = await unpack(store, [
      { name: "etc/shadow", content: "inside" },
      { name: "a", type: "symlink", link: "/etc" },
      { name: "copy", type: "hardlink", link: "a/shadow" },
    ]);
    assert.equal(readFileSync(join(directory, "copy"), "utf8"), "inside");
    assert.equal(statSync(join(directory, "copy")).ino, statSync(join(directory, "etc/shadow")).ino);
  });

  test("a FIFO and device nodes are only made, never opened", async () => {
    await using store = await testStore();
    const directory = await unpack(store, [
      { name: "etc/passwd", type: "fifo" },
      { name: "dev/sda", type: "block", device: [8, 0] },
      { name: "dev/null", type: "char", device: [1, 3] },
    ]);
    assert.ok(lstatSync(join(directory, "etc/passwd")).isFIFO());
    assert.ok(lstatSync(join(directory, "dev/sda")).isBlockDevice());
    assert.equal(lstatSync(join(directory, "dev/null")).rdev, (1 << 8) | 3);
    const container = "f".repeat(64);
    await store.storage.layers.createContainerLayer(container, [lastDiffId(store)]);
    assert.equal(await store.storage.layers.readMerged(container, "/etc/passwd"), undefined);
  });

  test("duplicates: the last one wins, whatever kinds they are", async () => {
    await using store = await testStore();
    const directory = await unpack(store, [
      { name: "a", content: "first" },
      { name: "a", type: "symlink", link: "b" },
      { name: "a", type: "dir" },
      { name: "a/inner", content: "inner" },
      { name: "b/c", content: "x" },
      { name: "b", content: "now a file" },
    ]);
    assert.equal(readFileSync(join(directory, "a/inner"), "utf8"), "inner");
    assert.equal(readFileSync(join(directory, "b"), "utf8"), "now a file");
  });

  test("overlayfs takes no orders from an image: trusted attributes are dropped", async () => {
    await using store = await testStore();
    const directory = await unpack(store, [
      {
        name: "dir",
        type: "dir",
        pax: { "SCHILY.xattr.trusted.overlay.redirect": "/etc", "SCHILY.xattr.user.kept": "yes" },
      },
    ]);
    const attributes = xattrs(join(directory, "dir"));
    assert.match(attributes, /user\.kept=yes/);
    assert.doesNotMatch(attributes, /trusted/);
  });

  test("a bomb is stopped at the ratio, and the disk is free again", async () => {
    await using store = await testStore({ limits: { ratioFrom: 8 * 1024 ** 2 } });
    const bomb = gzipSync(tarOf([{ name: "zeros", content: Buffer.alloc(64 * 1024 ** 2) }]));
    await assert.rejects(unpack(store, bomb), { message: /expands to more than 300 times/ });
    await assertNothingLeft(store);
  });

  test("an archive is stopped at its limits of bytes and entries", async () => {
    await using store = await testStore({ limits: { maxBytes: 1024 ** 2, maxEntries: 10 } });
    const large = tarOf([{ name: "zeros", content: Buffer.alloc(2 * 1024 ** 2) }]);
    await assert.rejects(unpack(store, large), { message: /larger than the limit/ });
    const many = Array.from({ length: 11 }, (_, index) => ({ name: `f${index}` }));
    await assert.rejects(unpack(store, many), { message: /more than 10 entries/ });
    await assertNothingLeft(store);
  });

  test("directories that alternate are unpacked, and a hundred thousand names are read", async () => {
    await using store = await testStore();
    const entries = (count: number) =>
      Array.from({ length: count }, (_, index): TestEntry => ({ name: `d${index % 50}/e${index}`, type: "dir" }));
    const directory = await unpack(store, entries(2000));
    assert.equal(readdirSync(join(directory, "d7")).length, 40);
    const facts = { size: 0, entries: 0, opaque: [] };
    for await (const _piece of safeLayer(chunks(tarOf(entries(100_000))), facts, 200_000)) {
      // read only: the kernel takes its time for so many directories
    }
    assert.equal(facts.entries, 100_000);
  });
});

describe("layers keep what an image has", { skip }, () => {
  for (const [name, compress] of [
    ["plain", (bytes: Buffer) => bytes],
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ] as const) {
    test(`${name}: modes, owners, times, links, long and odd names`, async () => {
      await using store = await testStore();
      const long = `${"d".repeat(90)}/${"e".repeat(90)}/${"f".repeat(90)}`;
      const archive = tarOf([
        { name: "bin/su", mode: 0o4755, content: "setuid" },
        { name: "home", type: "dir", mode: 0o1777 },
        { name: "home/user", uid: 3_000_000, content: "x" },
        { name: long, content: "long" },
        { name: "link", type: "symlink", link: `/${long}` },
        { name: Buffer.from("caf\u00e9 \u2713").toString("latin1"), content: "utf-8" },
        { name: Buffer.from([0x66, 0xff, 0xfe]).toString("latin1"), content: "not utf-8" },
      ]);
      const directory = await unpack(store, compress(archive));
      assert.equal(statSync(join(directory, "bin/su")).mode & 0o7777, 0o4755);
      assert.equal(statSync(join(directory, "home")).mode & 0o7777, 0o1777);
      assert.equal(statSync(join(directory, "home/user")).uid, 3_000_000);
      assert.equal(statSync(join(directory, "bin/su")).mtimeMs, 1_000_000_000_000);
      assert.equal(readFileSync(join(directory, long), "utf8"), "long");
      assert.equal(readlinkSync(join(directory, "link")), `/${long}`);
      assert.equal(readFileSync(join(directory, "caf\u00e9 \u2713"), "utf8"), "utf-8");
      assert.equal(
        readFileSync(Buffer.concat([Buffer.from(`${directory}/f`), Buffer.from([0xff, 0xfe])]), "utf8"),
        "not utf-8",
      );
      assert.equal(statSync(directory).mode & 0o7777, 0o755);
    });
  }

  test("file capabilities survive", async () => {
    await using store = await testStore();
    // struct vfs_cap_data, revision 2: CAP_NET_RAW permitted and effective
    const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
    const directory = await unpack(store, [
      { name: "bin/ping", mode: 0o755, content: "ping", pax: { "SCHILY.xattr.security.capability": capability } },
    ]);
    assert.match(xattrs(join(directory, "bin/ping")), /security\.capability/);
  });

  test("bzip2 and xz are taken off by the host's programs, or refused by name", async () => {
    await using store = await testStore();
    const archive = tarOf([{ name: "a", content: "x" }]);
    const packed = execFileSync("xz", ["-c"], { input: archive });
    assert.equal(readFileSync(join(await unpack(store, packed), "a"), "utf8"), "x");
    const path = process.env.PATH;
    process.env.PATH = "/nonexistent";
    try {
      await assert.rejects(unpack(store, packed), { message: /need the program xz, which is missing/ });
    } finally {
      process.env.PATH = path;
    }
  });
});

describe("whiteouts", { skip }, () => {
  test("become overlayfs's own and hide lower layers in a real mount", async () => {
    await using store = await testStore();
    await unpack(store, [
      { name: "gone", content: "x" },
      { name: "kept", content: "x" },
      { name: "opaque/old", content: "x" },
      { name: "replaced/old", content: "x" },
    ]);
    const lower = lastDiffId(store);
    await unpack(store, [
      { name: ".wh.gone", content: "" },
      { name: "opaque/.wh..wh..opq", content: "" },
      { name: "opaque/new", content: "x" },
      { name: ".wh.replaced", content: "" },
      { name: "replaced/new", content: "x" },
      { name: ".wh..wh.plnk", type: "dir" },
    ]);
    const upper = lastDiffId(store);
    const container = "a".repeat(64);
    const { layers } = store.storage;
    const layer = await layers.createContainerLayer(container, [lower, upper]);
    assert.deepEqual(listMounted(layer), ["./kept", "./opaque/new", "./replaced/new"]);
    assert.equal(await layers.readMerged(container, "gone"), undefined);
    assert.equal(String(await layers.readMerged(container, "/kept")), "x");
    assert.equal(await layers.readMerged(container, "opaque/old"), undefined);
    assert.equal(await layers.readMerged(container, "replaced/old"), undefined);
    assert.equal(String(await layers.readMerged(container, "replaced/new")), "x");
  });

  test("an opaque root hides all lower layers", async () => {
    await using store = await testStore();
    await unpack(store, [{ name: "old", content: "x" }]);
    const lower = lastDiffId(store);
    await unpack(store, [{ name: ".wh..wh..opq" }, { name: "new", content: "x" }]);
    const layer = await store.storage.layers.createContainerLayer("b".repeat(64), [lower, lastDiffId(store)]);
    assert.deepEqual(listMounted(layer), ["./new"]);
  });

  test("a directory that a container deleted and made anew hides the image's", async () => {
    await using store = await testStore();
    await unpack(store, [{ name: "etc/passwd", content: "image's" }]);
    const container = "c".repeat(64);
    const layer = await store.storage.layers.createContainerLayer(container, [lastDiffId(store)]);
    assert.equal(String(await store.storage.layers.readMerged(container, "/etc/passwd")), "image's");
    inMount(layer, "rm -r etc && mkdir etc && echo x > etc/other");
    assert.equal(await store.storage.layers.readMerged(container, "/etc/passwd"), undefined);
    assert.equal(await store.storage.layers.containerLayerSize(container), 2);
  });
});

describe("containers' layers", { skip }, () => {
  test("paths are followed inside the root only, and special files never opened", async () => {
    await using store = await testStore();
    await unpack(store, [
      { name: "etc/real", content: "x" },
      { name: "etc/alternatives/sh", type: "symlink", link: "/bin/dash" },
      { name: "bin/dash", mode: 0o755, content: "dash" },
      { name: "bin/sh", type: "symlink", link: "../etc/alternatives/sh" },
      { name: "out", type: "symlink", link: "../../../../../../../etc/hostname" },
      { name: "loop", type: "symlink", link: "loop" },
    ]);
    const container = "d".repeat(64);
    const { layers } = store.storage;
    await layers.createContainerLayer(container, [lastDiffId(store)]);
    assert.equal(String(await layers.readMerged(container, "bin/sh")), "dash");
    assert.deepEqual(await layers.statMerged(container, "/bin/sh"), { kind: "file", mode: 0o755, uid: 0, gid: 0 });
    assert.equal((await layers.statMerged(container, "/"))?.kind, "dir");
    assert.equal(await layers.readMerged(container, "out"), undefined);
    assert.equal(await layers.readMerged(container, "loop"), undefined);
    assert.equal(await layers.readMerged(container, "etc/real/below"), undefined);
  });

  test("others cannot reach a layer (CVE-2021-41091)", async () => {
    await using store = await testStore();
    const directory = await unpack(store, [{ name: "su", mode: 0o4755 }]);
    assert.equal(statSync(join(directory, "..")).mode & 0o077, 0);
    const container = "e".repeat(64);
    await store.storage.layers.createContainerLayer(container, []);
    assert.equal(statSync(join(store.dataRoot, "containers", container)).mode & 0o007, 0);
    assert.equal(statSync(join(store.dataRoot, "containers", container, "layer/upper")).mode & 0o777, 0o755);
  });

  test("127 layers fit into one mount", async () => {
    await using store = await testStore();
    const diffIds: string[] = [];
    for (let index = 0; index < 127; index++) {
      await unpack(store, [{ name: `f${index}`, content: "x" }]);
      diffIds.push(lastDiffId(store));
    }
    const layer = await store.storage.layers.createContainerLayer("1".repeat(64), diffIds);
    assert.equal(listMounted(layer).length, 127);
  });

  test("leftovers of a killed engine are swept, and what is used stays", async () => {
    await using store = await testStore();
    await unpack(store, [{ name: "used", content: "x" }]);
    const used = lastDiffId(store);
    const container = "2".repeat(64);
    await store.storage.layers.createContainerLayer(container, [used]);
    await unpack(store, [{ name: "unused", content: "x" }]);
    execFileSync("mkdir", ["-p", join(store.dataRoot, "tmp/unpack-x/diff"), join(store.dataRoot, "layers/zz/diff")]);
    writeFileSync(join(store.dataRoot, "content/sha256/abc"), "x");
    await store.reopen();
    await store.storage.emptied();
    assert.deepEqual(readdirSync(join(store.dataRoot, "tmp")), []);
    assert.deepEqual(readdirSync(join(store.dataRoot, "layers")), ["1", "empty"]);
    assert.deepEqual(readdirSync(join(store.dataRoot, "content/sha256")), [used.slice(7)]);
    assert.equal(String(await store.storage.layers.readMerged(container, "used")), "x");
    await store.storage.layers.removeContainerLayer(container);
    assert.deepEqual(readdirSync(join(store.dataRoot, "layers")), ["empty"]);
  });
});

function xattrs(path: string): string {
  const out = execFileSync("tar", [
    "--create",
    "--file=-",
    "--no-recursion",
    "--xattrs",
    "--xattrs-include=*",
    "-P",
    path,
  ]);
  return out.toString("latin1");
}

type Layer = { base: string; lowers: string[]; upper: string; work: string };

/** Mount in a mount namespace of its own, which takes the mount with it. */
function inMount({ base, lowers, upper, work }: Layer, script: string): string {
  const data = `lowerdir=${lowers.join(":")},upperdir=${upper},workdir=${work}`;
  const mount = `mount -t tmpfs none /mnt && cd "$1" && mkdir /mnt/m && mount -t overlay overlay -o "$2" /mnt/m && cd /mnt/m && ${script}`;
  return execFileSync("unshare", ["--mount", "--propagation=private", "sh", "-c", mount, "sh", base, data]).toString();
}

function listMounted(layer: Layer): string[] {
  return inMount(layer, "find . -type f").trim().split("\n").sort();
}
