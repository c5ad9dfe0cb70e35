/** kill -9 the engine: nothing of the containers is lost. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
});
after(() => engine?.stop());

const state = async (name: string, field: string) => engine.ok("inspect", "-f", `{{.State.${field}}}`, name);

test("a container runs on while there is no engine, and not one line of its log is missing", async () => {
  await engine.ok(
    "run",
    "-d",
    "--name",
    "talker",
    "busybox",
    "sh",
    "-c",
    "i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); usleep 10000; done; sleep 1000",
  );
  const pid = Number(await state("talker", "Pid"));
  await engine.crash();
  assert.ok(existsSync(`/proc/${pid}`), "the container's process is gone");
  await engine.restart();
  assert.equal(await state("talker", "Status"), "running");
  assert.equal(Number(await state("talker", "Pid")), pid);
  await until(async () => (await engine.ok("logs", "--tail", "1", "talker")) === "line 199", {
    what: "the last line is there",
  });
  const lines = (await engine.ok("logs", "talker")).split("\n");
  assert.deepEqual(
    lines,
    Array.from({ length: 200 }, (_, index) => `line ${index}`),
  );
  assert.equal(await engine.ok("exec", "talker", "echo", "still here"), "still here");
});

test("the exit code of a container that ended meanwhile is known to the next engine", async () => {
  await engine.ok("run", "-d", "--name", "ended", "busybox", "sh", "-c", "sleep 1; exit 42");
  const pid = Number(await state("ended", "Pid"));
  await engine.crash();
  await until(() => !existsSync(`/proc/${pid}`), { what: "the container has ended" });
  await engine.restart();
  assert.equal(await state("ended", "ExitCode"), "42");
  assert.equal(await state("ended", "Status"), "exited");
});

test("a death for memory while there is no engine is told by the next one", async () => {
  const eat = "sleep 1; x=a; while true; do x=$x$x$x$x; done";
  await engine.ok("run", "-d", "--name", "hungry", "-m", "16m", "busybox", "sh", "-c", eat);
  const pid = Number(await state("hungry", "Pid"));
  await engine.crash();
  await until(() => !existsSync(`/proc/${pid}`), { what: "the kernel has killed it" });
  await engine.restart();
  assert.equal(await state("hungry", "OOMKilled"), "true");
  assert.equal(await state("hungry", "ExitCode"), "137");
});

test("stop, kill and the end by itself work for a container that an earlier engine has started", async () => {
  await engine.ok("run", "-d", "--name", "old", "busybox", "sleep", "1000");
  await engine.crash();
  await engine.restart();
  await engine.ok("stop", "-t", "1", "old");
  assert.equal(await state("old", "Status"), "exited");
  assert.equal(await state("old", "ExitCode"), "137");
  await engine.ok("start", "old");
  assert.equal(await state("old", "Status"), "running");
});

test("restart policies are kept by the next engine", async () => {
  await engine.ok("run", "-d", "--name", "always", "--restart", "always", "busybox", "sleep", "1000");
  const pid = Number(await state("always", "Pid"));
  await engine.crash();
  process.kill(pid, "SIGKILL");
  await until(() => !existsSync(`/proc/${pid}`), { what: "the container has died" });
  await engine.restart();
  await until(
    async () => (await state("always", "Status")) === "running" && Number(await state("always", "Pid")) !== pid,
    { what: "it runs again" },
  );
});

test("a second engine on the same roots is refused with the reason", async () => {
  const { command } = await import("../support/command.ts");
  const second = await command(process.execPath, [
    "--disable-warning=ExperimentalWarning",
    "src/main.ts",
    "-H",
    `unix://${engine.directory}/other.sock`,
    "--data-root",
    engine.dataRoot,
    "--exec-root",
    engine.execRoot,
    "--bridge",
    "none",
    "--registry-loopback-only",
  ]);
  assert.notEqual(second.code, 0);
  assert.match(second.stderr, /another engine uses the data root/);
});
