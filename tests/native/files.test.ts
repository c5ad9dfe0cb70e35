/** Op files by itself, on folders of the host as roots: what its records may not do, and what becomes of a walk. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { FileError } from "../../src/engine/files/ports.ts";
import { encodeEnd, encodeRecord, type OutgoingRecord, readRecord } from "../../src/host/files/records.ts";
import { openSession, type Session } from "../../src/host/files/session.ts";
import { createLauncher } from "../../src/host/launcher/launcher.ts";
import type { FilesRequest, FilesRoot } from "../../src/isolation/compile-files.ts";
import { command } from "../support/command.ts";
import { until } from "../support/until.ts";
import { binary } from "./harness.ts";

const directory = mkdtempSync(join(tmpdir(), "cloche-files-"));
const outside = join(directory, "outside");
const root = join(directory, "root");
let launcher: Awaited<ReturnType<typeof createLauncher>>;

before(async () => {
  mkdirSync(join(root, "in"), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), "HOST");
  launcher = await createLauncher({ binary, socket: join(directory, "launch.sock") });
});
after(async () => {
  await launcher.close();
  rmSync(directory, { recursive: true });
});

const asRoot: FilesRoot = {
  kind: "rootfs",
  rootfs: { source: { type: "directory", path: root }, mountpoint: root, readonly: false },
  mounts: [],
};

function open(action: FilesRequest["action"], path: string, keepKinds = false): Promise<Session> {
  return openSession(launcher, asRoot, { action, path, ownFileSystem: false, content: true, keepKinds });
}

const file: OutgoingRecord = {
  ...{ kind: "file", name: "f", link: "", mode: 0o640, uid: 5, gid: 6, major: 0, minor: 0, size: 0 },
  mtime: { seconds: 1_000_000_000, nanoseconds: 7 },
  xattrs: [],
};

/** Sends raw bytes to /in. @returns "done", or the error told */
async function write(bytes: Buffer, keepKinds = false): Promise<string> {
  const session = await open("write", "/in", keepKinds);
  try {
    await readRecord(session.source);
    await readRecord(session.source);
    await session.send(bytes);
    await readRecord(session.source);
    return "done";
  } catch (error) {
    if (error instanceof FileError) return error.message;
    throw error;
  } finally {
    session.close();
    await session.ended;
  }
}

const records = (...all: (Partial<OutgoingRecord> & { content?: string })[]) =>
  Buffer.concat([
    ...all.flatMap(({ content = "", ...record }) => [
      encodeRecord({ ...file, size: content.length, ...record }),
      Buffer.from(content),
    ]),
    encodeEnd(),
  ]);

test("a file gets content, owner, mode and time", async () => {
  assert.equal(await write(records({ name: "made/here", content: "text", mode: 0o4751 })), "done");
  const stat = lstatSync(join(root, "in/made/here"));
  assert.deepEqual([stat.uid, stat.gid, stat.mode & 0o7777, stat.mtimeMs], [5, 6, 0o4751, 1_000_000_000_000]);
  assert.equal(readFileSync(join(root, "in/made/here"), "utf8"), "text");
});

test("names and links that lead out are refused or end inside", async () => {
  for (const name of ["../up", "a/../../up", "..", "a/.."]) {
    assert.match(await write(records({ name, content: "x" })), /^open .*: EXDEV$/);
    assert.match(await write(records({ kind: "hardlink", name: "x", link: name })), /^open .*: EXDEV$/);
  }
  for (const name of ["", ".", "a/", "x".repeat(256), "y/".repeat(2100)]) {
    assert.notEqual(await write(records({ name, content: "x" })), "done", name);
  }
  symlinkSync(outside, join(root, "in/link"));
  symlinkSync(`../../../../../../../..${outside}`, join(root, "in/relative"));
  for (const name of ["link/evil", "relative/evil"]) await write(records({ name, content: "x" }));
  assert.match(await write(records({ kind: "hardlink", name: "stolen", link: "link/secret" })), /ENOENT/);
  assert.equal(await write(records({ kind: "dir", name: "link" })), "done");
  assert.ok(lstatSync(join(root, "in/link")).isDirectory());
  assert.deepEqual(readdirSync(outside), ["secret"]);
  assert.equal(readFileSync(join(outside, "secret"), "utf8"), "HOST");
});

test("records that cannot be end the operation", async () => {
  const huge = encodeRecord(file);
  huge.writeUInt32LE(1 << 30, 4 + 8 * 4);
  assert.match(await write(huge), /ENAMETOOLONG/);
  const xattrs = encodeRecord({ ...file, xattrs: [["user.a", Buffer.from("b")]] });
  xattrs.writeUInt32LE(0xffffffff, xattrs.length - 5);
  assert.match(await write(Buffer.concat([xattrs, encodeEnd()])), /EINVAL/);
  const unknown = encodeRecord(file);
  unknown[0] = 0x3f;
  assert.match(await write(Buffer.concat([unknown, encodeEnd()])), /EINVAL/);
  assert.match(
    await write(records({ kind: "char", name: "n", major: 1, minor: 3, uid: 0xffffffff })),
    /^(done|lchown)/,
  );
});

test("a tree in the way is taken away, unless kinds are to be kept", async () => {
  mkdirSync(join(root, "in/tree/a/b/c"), { recursive: true });
  symlinkSync(outside, join(root, "in/tree/a/out"));
  assert.match(await write(records({ name: "tree", content: "x" }), true), /^overwrite \/in\/tree: EISDIR$/);
  assert.equal(await write(records({ name: "tree", content: "x" })), "done");
  assert.equal(readFileSync(join(root, "in/tree"), "utf8"), "x");
  assert.deepEqual(readdirSync(outside), ["secret"]);
});

test("a walk goes as deep as a path can be, and over names that are no text", async () => {
  const deep = join(root, "deep", ...Array(300).fill("d"));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, "end"), "");
  writeFileSync(Buffer.concat([Buffer.from(`${root}/deep/`), Buffer.from([0xff, 0x0a, 0x5c])]), "");
  const session = await open("read", "/deep");
  const names: string[] = [];
  await readRecord(session.source);
  for (let record = await readRecord(session.source); record; record = await readRecord(session.source)) {
    for await (const _piece of session.source.pieces(record.kind === "file" ? record.size : 0)) assert.fail();
    names.push(record.name);
  }
  session.close();
  assert.ok(names.includes(`${"d/".repeat(300)}end`));
  assert.ok(names.includes("\xff\n\\"));
});

test("at work, it has no more power than files take", async () => {
  const session = await open("write", "/in");
  await readRecord(session.source);
  await readRecord(session.source);
  const ours = async () =>
    (
      await command("sh", [
        "-c",
        `grep -l '^Name:.cloche:files' /proc/[0-9]*/status | xargs -r -n1 dirname | while read p; do
      [ "$(stat -c %i $p/root/in 2>/dev/null)" = ${lstatSync(join(root, "in")).ino} ] && cat $p/status && ls -l $p/fd; done`,
      ])
    ).stdout;
  await until(async () => (await ours()) !== "", { what: "it is at work" });
  const status = await ours();
  // CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, MKNOD, SETFCAP
  assert.match(status, /CapPrm:\t000000008800001f\nCapEff:\t000000008800001f/);
  assert.equal(status.match(/ -> /g)?.length, 4, `stdio and the root:\n${status}`);
  session.close();
});

test("contents of any length come whole", async () => {
  const lengths = [1, 65_535, 65_536, 65_537, 3_000_001];
  for (const length of lengths) writeFileSync(join(root, `size-${length}`), randomBytes(length));
  for (const length of lengths) {
    const session = await open("read", `/size-${length}`);
    try {
      await readRecord(session.source);
      assert.equal((await readRecord(session.source))?.size, length);
      const content = await session.source.take(length);
      assert.ok(content?.equals(readFileSync(join(root, `size-${length}`))), `${length} bytes`);
      assert.equal(await readRecord(session.source), undefined);
    } finally {
      session.close();
      await session.ended;
    }
  }
});

test("a file that shrinks while it is read is filled up with zeros", async () => {
  const length = 32 << 20; // more than what is on its way at a time
  writeFileSync(join(root, "shrinks"), Buffer.alloc(length, 1));
  const session = await open("read", "/shrinks");
  try {
    await readRecord(session.source);
    await readRecord(session.source);
    truncateSync(join(root, "shrinks"), 1 << 20);
    const content = await session.source.take(length);
    assert.equal(content?.length, length);
    assert.equal(content?.[0], 1);
    assert.equal(content?.at(-1), 0);
    assert.equal(await readRecord(session.source), undefined);
  } finally {
    session.close();
    await session.ended;
  }
});

test("the files' process, not its monitor, holds the connection, and its end is the connection's", async () => {
  const session = await open("write", "/in");
  await readRecord(session.source);
  await readRecord(session.source);
  session.close();
  await session.ended;
  await assert.rejects(readRecord(session.source), /ended without a word/);
});
