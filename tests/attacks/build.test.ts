/** Builds by images and contexts that are somebody else's; more of them in tests/api/build.test.ts. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "../api/build-scene.ts";
import { call, untar } from "../api/files-scene.ts";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { tarOf } from "../support/tar.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
});
after(() => engine.stop());

const sha256 = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest("hex");

/** An image with other files that says of itself all that the given one says. */
async function forgeryOf(id: string): Promise<{ archive: Buffer; id: string }> {
  const saved = join(engine.directory, "saved.tar");
  await engine.ok("save", "-o", saved, id);
  const files = await untar(readFileSync(saved));
  const [{ Config }] = JSON.parse(files.get("manifest.json")?.content ?? "[]");
  const config = JSON.parse(files.get(Config)?.content ?? "{}");
  const layer = tarOf([{ name: "a", content: "evil" }]);
  config.rootfs.diff_ids = config.rootfs.diff_ids.with(-1, `sha256:${sha256(layer)}`);
  const text = JSON.stringify({ ...config, created: "2099-01-01T00:00:00Z" });
  const manifest = JSON.stringify([{ Config: "c.json", RepoTags: ["forged:1"], Layers: ["l.tar"] }]);
  const archive = tarOf([
    { name: "c.json", content: text },
    { name: "l.tar", content: layer },
    { name: "manifest.json", content: manifest },
  ]);
  return { archive, id: `sha256:${sha256(text)}` };
}

test("attack 33: an image that says it was built by your step is not taken for the cache", async () => {
  const dockerfile = "FROM scratch\nCOPY a /\n";
  const files = [{ name: "a", content: "good" }];
  const honest = await build(engine, dockerfile, files);
  const forged = await forgeryOf(honest.id);
  assert.equal((await call(engine, "POST", "/images/load", forged.archive)).status, 200);
  assert.equal(await engine.ok("image", "inspect", "-f", "{{.Id}}", "forged:1"), forged.id);
  // With the honest one there, and with only the forged one left.
  assert.equal((await build(engine, dockerfile, files)).id, honest.id);
  await engine.ok("rmi", honest.id);
  const again = await build(engine, dockerfile, files);
  assert.doesNotMatch(again.text, /Using cache/);
  assert.notEqual(again.id, forged.id);
});

test("attack 33: a changed HEALTHCHECK or ONBUILD is another step", async () => {
  for (const [first, second] of [
    ["HEALTHCHECK CMD a", "HEALTHCHECK CMD b"],
    ["HEALTHCHECK --interval=1s CMD a", "HEALTHCHECK --interval=2s CMD a"],
    ["ONBUILD RUN a", "ONBUILD RUN b"],
  ]) {
    await build(engine, `FROM busybox\n${first}\n`);
    assert.doesNotMatch((await build(engine, `FROM busybox\n${second}\n`)).text, /Using cache/, second);
  }
});

test("attack 33: what .dockerignore hides of the context's own files is not copied", async () => {
  const ignore = "Dockerfile\n.dockerignore\n";
  const { text } = await build(engine, "FROM busybox\nCOPY . /c/\nCOPY D* .d* f /d/\nRUN ls -A /c /d\n", [
    { name: ".dockerignore", content: ignore },
    { name: "f", content: "" },
  ]);
  assert.match(text, /\/c:\nf\n\n\/d:\nf\n/);
});

test("attack 33: RUN --mount and here-documents are refused", async () => {
  const mount = await build(engine, "FROM busybox\nRUN --mount=type=bind,source=../..,target=/x ls /x\n");
  assert.match(mount.error, /the --mount option requires BuildKit/);
  assert.match((await build(engine, "FROM busybox\nRUN <<EOF\nls\nEOF\n")).error, /here-documents require BuildKit/);
});
