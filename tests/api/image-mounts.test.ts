/** --mount type=image, --volumes-from and its modes, as a user of the docker CLI sees them. */
import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { pack } from "tar-stream";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  // Its root is one layer: overlayfs alone would not take it without an upper one.
  const archive = pack();
  archive.entry({ name: "docs/", type: "directory" });
  archive.entry({ name: "docs/page", mode: 0o640, uid: 7 }, "words\n");
  archive.finalize();
  const input = await buffer(archive);
  await command("docker", ["import", "-", "data:1"], { env: { DOCKER_HOST: engine.host }, input });
});
after(() => engine.stop());

const run = (...args: string[]) => engine.docker("run", "--rm", "--network", "none", ...args);

test("an image is seen at its target, and cannot be written to", async () => {
  const mount = ["--mount", "type=image,source=data:1,target=/data"];
  const { stdout, stderr } = await run(
    ...mount,
    "busybox",
    "sh",
    "-c",
    "stat -c '%u %a' /data/docs/page; cat /data/docs/page; echo x >/data/new",
  );
  assert.equal(stdout, "7 640\nwords\n");
  assert.match(stderr, /Read-only file system/);
});

test("a subpath of an image, two images, and what inspect shows", async () => {
  await engine.ok(
    "run",
    "-d",
    "--name",
    "two",
    "--network",
    "none",
    "--mount",
    "type=image,source=data:1,target=/a,image-subpath=docs",
    "--mount",
    "type=image,source=busybox,target=/b",
    "busybox",
    "sleep",
    "1000",
  );
  assert.equal(await engine.ok("exec", "two", "cat", "/a/page"), "words");
  assert.equal(await engine.ok("exec", "two", "/b/bin/echo", "hi"), "hi");
  const mounts = JSON.parse(await engine.ok("inspect", "-f", "{{json .Mounts}}", "two"));
  assert.deepEqual(
    mounts.map(({ Type, Name, Destination, RW }: Record<string, unknown>) => [Type, Name, Destination, RW]),
    [
      ["image", "data:1", "/a", false],
      ["image", "busybox", "/b", false],
    ],
  );
  await engine.ok("restart", "-t", "0", "two");
  assert.equal(await engine.ok("exec", "two", "cat", "/a/page"), "words");
  // The layers stay, whatever becomes of the image's name.
  await engine.docker("rmi", "-f", "data:1");
  await engine.crash();
  await engine.restart();
  await engine.ok("restart", "-t", "0", "two");
  assert.equal(await engine.ok("exec", "two", "cat", "/a/page"), "words");
  await engine.ok("rm", "-f", "two");
});

test("what is no image mount is refused in docker's words", async () => {
  const refused = async (mount: string) =>
    (await engine.docker("create", "--pull", "never", "--mount", mount, "busybox")).stderr;
  assert.match(
    await refused("type=image,target=/x"),
    /invalid mount config for type "image": field Source must not be empty/,
  );
  assert.match(
    await refused("type=image,source=busybox,target=/x,image-subpath=../x"),
    /invalid mount config for type "image": subpath must be a relative path within the volume/,
  );
  assert.match(await refused("type=image,source=nowhere,target=/x"), /No such image: nowhere:latest/);
});

test("--volumes-from takes volumes and binds over, read-only if asked, and refuses other modes", async () => {
  await engine.ok("create", "--name", "from", "-v", "shared:/v", "-v", "shared:/r:ro", "busybox");
  const write = (mode: string, path: string) =>
    run("--volumes-from", `from${mode}`, "busybox", "touch", `${path}/file`);
  assert.equal((await write("", "/v")).code, 0);
  assert.equal((await write(":rw", "/v")).code, 0);
  assert.match((await write(":ro", "/v")).stderr, /Read-only file system/);
  assert.match((await write(":rw", "/r")).stderr, /Read-only file system/);
  assert.match((await write(":shared", "/v")).stderr, /invalid mode: shared/);
  assert.match((await write(":nocopy", "/v")).stderr, /invalid mode: nocopy/);
});

test("CPUs that are not there are refused", async () => {
  assert.match(
    (await run("--cpuset-cpus", "900", "busybox", "true")).stderr,
    /Requested CPUs are not available - requested 900, available: 0/,
  );
});
