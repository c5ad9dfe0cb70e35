/** A disk that is full: errors that say so, an engine that lives, and all as before when there is space again. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { busyboxTar, importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { stateOf } from "./scenarios.ts";

let engine: TestEngine;
let disk: string;
before(async () => {
  disk = mkdtempSync(join(tmpdir(), "cloche-disk-"));
  assert.equal((await command("mount", ["-t", "tmpfs", "-o", "size=160m", "cloche-test-disk", disk])).code, 0);
  engine = await startEngine(["--data-root", join(disk, "data")]);
  await importBusybox(engine);
});
after(async () => {
  try {
    rmSync(join(disk, "filler"), { force: true });
    await engine?.stop();
  } finally {
    await command("umount", [disk]);
    rmSync(disk, { recursive: true, force: true });
  }
});

/** To the last block, as somebody else on the same disk would. */
function fill(): void {
  for (const size of [1 << 20, 1 << 12]) {
    const chunk = Buffer.alloc(size, 1);
    try {
      for (;;) writeFileSync(join(disk, "filler"), chunk, { flag: "a" });
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
    }
  }
}
const empty = () => rmSync(join(disk, "filler"), { force: true });

const NO_SPACE = /no space left on device|database or disk is full|ENOSPC/i;

test("a container on a full disk gets ENOSPC and goes on, also when its own output cannot be logged", async () => {
  const script = "n=0; while :; do echo line $n; n=$((n+1)); usleep 20000; [ -e /tell ] && echo full > /dev/null; done";
  await engine.ok("run", "-d", "--name", "talker", "busybox", "sh", "-c", script);
  await until(async () => (await engine.ok("logs", "talker")).includes("line 3"), { what: "it talks" });
  fill();
  const written = await engine.docker("exec", "talker", "sh", "-c", "dd if=/dev/zero of=/big bs=1M count=1");
  assert.notEqual(written.code, 0);
  assert.match(written.stderr, /No space left on device/);
  assert.equal((await stateOf(engine, "talker"))?.Status, "running");
  empty();
  const before = (await engine.ok("logs", "talker")).split("\n").length;
  await until(async () => (await engine.ok("logs", "talker")).split("\n").length > before + 5, {
    what: "its log goes on",
  });
});

test("create, start, import and pull on a full disk say so, and leave nothing", async () => {
  await engine.ok("create", "--name", "later", "busybox", "true");
  fill();
  const created = await engine.docker("create", "--name", "never", "busybox", "true");
  assert.notEqual(created.code, 0);
  assert.match(created.stderr, NO_SPACE);
  const imported = await command("docker", ["import", "-", "never"], {
    env: { DOCKER_HOST: engine.host },
    input: Buffer.concat([await busyboxTar()]),
  });
  if (imported.code !== 0) assert.match(imported.stderr, NO_SPACE);
  assert.equal((await engine.docker("ps", "-a")).code, 0, "the engine lives");
  assert.equal(await stateOf(engine, "never"), undefined);
  empty();
  await engine.ok("create", "--name", "never", "busybox", "true");
  await engine.ok("start", "-a", "later");
  await engine.ok("rm", "never", "later");
});

test("ends are noticed on a full disk, and what is stored is right again at the latest when the next engine looks", async () => {
  await engine.ok("run", "-d", "--name", "ends", "busybox", "sh", "-c", "sleep 1000");
  fill();
  await engine.ok("kill", "ends");
  await engine.docker("wait", "ends");
  assert.equal((await stateOf(engine, "ends"))?.Status, "exited");
  assert.equal((await stateOf(engine, "ends"))?.ExitCode, 137);
  empty();
  await engine.crash();
  await engine.restart();
  assert.equal((await stateOf(engine, "ends"))?.Status, "exited");
  assert.equal((await stateOf(engine, "ends"))?.ExitCode, 137, "the exit code is lost");
});

test("on a full disk, removing what fills it works", async () => {
  await engine.ok("run", "--name", "hog", "busybox", "sh", "-c", "cat /dev/zero > /hog; echo done");
  fill();
  await engine.ok("rm", "-f", "hog");
  assert.equal(await stateOf(engine, "hog"), undefined);
  empty();
});
