import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { containerFiles } from "./container-files.ts";

const id = "a".repeat(64);
const texts = { hostname: "h\n", hosts: "127.0.0.1\tlocalhost\n", resolvConf: "" };

async function temporary(run: (root: string, files: ReturnType<typeof containerFiles>) => unknown) {
  const root = mkdtempSync(join(tmpdir(), "cloche-files-"));
  try {
    await run(root, containerFiles({ dataRoot: join(root, "data"), execRoot: join(root, "exec") }));
  } finally {
    rmSync(root, { recursive: true });
  }
}

test("a start finds its texts written and an empty runtime directory; a removal leaves nothing", () =>
  temporary(async (root, files) => {
    const paths = files.of(id);
    files.prepare(id, texts);
    writeFileSync(paths.exitRecord, "of an earlier run");
    files.prepare(id, texts);
    assert.equal(readFileSync(paths.hosts, "utf8"), texts.hosts);
    assert.equal(existsSync(paths.exitRecord), false);
    assert.deepEqual(files.runtimeIds(), [id]);
    mkdirSync(join(paths.directory, "layer", "upper"), { recursive: true });
    await files.remove(id);
    assert.deepEqual(readdirSync(join(root, "data", "containers")), []);
    assert.deepEqual(files.runtimeIds(), []);
  }));

test("a container that turned its file into a link makes the engine write nowhere else", () =>
  temporary((root, files) => {
    files.prepare(id, texts);
    const victim = join(root, "victim");
    writeFileSync(victim, "mine");
    rmSync(files.of(id).hosts);
    symlinkSync(victim, files.of(id).hosts);
    assert.throws(() => files.prepare(id, texts), { code: "ELOOP" });
    assert.equal(readFileSync(victim, "utf8"), "mine");
  }));
