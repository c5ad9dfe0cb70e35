/** kill -9 a container's monitor: the container is dead with it, and nothing of it stays. And ends that come all at once. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { until } from "../support/until.ts";
import { assertNothingLeftOver, startScene } from "./invariants.ts";
import { stateOf } from "./scenarios.ts";

let engine: Awaited<ReturnType<typeof startScene>>;
before(async () => {
  engine = await startScene();
  await importBusybox(engine);
});
after(() => engine?.stop());

/** Three processes, one of which ignores what it can. */
const FAMILY = ["busybox", "sh", "-c", "sleep 1000 & sh -c 'trap \"\" TERM; sleep 1000' & wait"];

async function family(name: string): Promise<{ pids: number[]; monitor: number }> {
  const top = (await engine.ok("top", name, "-o", "pid")).split("\n").slice(1).map(Number);
  const status = readFileSync(`/proc/${await engine.ok("inspect", "-f", "{{.State.Pid}}", name)}/status`, "utf8");
  return { pids: top, monitor: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]) };
}

const gone = (pids: number[]) =>
  until(() => !pids.some((pid) => existsSync(`/proc/${pid}`)), { what: "they have ended" });

test("a container whose monitor is killed is reported dead, with all its processes", async (t) => {
  await engine.ok("run", "-d", "--name", "orphaned", "-p", "127.0.0.1::80", ...FAMILY);
  await until(async () => (await family("orphaned")).pids.length >= 3, { what: "all its processes run" });
  const { pids, monitor } = await family("orphaned");
  const since = performance.now();
  process.kill(monitor, "SIGKILL");
  await engine.ok("wait", "orphaned");
  t.diagnostic(`reported after ${Math.round(performance.now() - since)} ms, docker's client included`);
  await gone(pids);
  const state = await stateOf(engine, "orphaned");
  assert.equal(state?.Status, "exited");
  assert.equal(state?.ExitCode, 255, "an exit code that nobody saw is not made up");
  assert.match(String(state?.Error), /monitor/);
  await assertNothingLeftOver(engine);
  await engine.ok("start", "orphaned");
  assert.equal((await stateOf(engine, "orphaned"))?.Status, "running");
  await engine.ok("rm", "-f", "orphaned");
});

test("the same while there is no engine", async () => {
  await engine.ok("run", "-d", "--name", "unseen", "--restart", "on-failure:1", ...FAMILY);
  const { pids, monitor } = await family("unseen");
  await engine.crash();
  process.kill(monitor, "SIGKILL");
  await engine.restart();
  await gone(pids);
  await until(async () => (await stateOf(engine, "unseen"))?.Status === "running", {
    what: "its policy starts it again",
  });
  assert.equal(await engine.ok("inspect", "-f", "{{.RestartCount}}", "unseen"), "1");
  await engine.ok("rm", "-f", "unseen");
  await assertNothingLeftOver(engine);
});

test("a paused container is removed, and one whose engine was killed while it stood still", async () => {
  await engine.ok("run", "-d", "--name", "still", ...FAMILY);
  const { pids } = await family("still");
  await engine.ok("pause", "still");
  await engine.crash();
  await engine.restart();
  assert.equal((await stateOf(engine, "still"))?.Status, "paused");
  await engine.ok("rm", "-f", "still");
  await gone(pids);
  await assertNothingLeftOver(engine);
});

test("containers that end in the same moment all have their own exit code and output", async () => {
  const COUNT = 100;
  const directory = join(engine.directory, "go");
  mkdirSync(directory);
  assert.equal((await command("mkfifo", [join(directory, "fifo")])).code, 0);
  const names = Array.from({ length: COUNT }, (_, index) => `crowd-${index}`);
  const waiting = [...names.entries()];
  const starter = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const script = `echo ready; read line < /go/fifo; echo out ${next[0]}; exit ${next[0]}`;
      await engine.ok(
        "run",
        "-d",
        "--name",
        next[1],
        "--network",
        "none",
        "-v",
        `${directory}:/go`,
        "busybox",
        "sh",
        "-c",
        script,
      );
    }
  };
  await Promise.all([starter(), starter(), starter(), starter()]);
  // Opening a FIFO waits for its other end: all readers wake at once, and read the end of file when the writer closes.
  const writer = spawn("sh", ["-c", `sleep 0.3 > ${join(directory, "fifo")}`], { stdio: "ignore" });
  await new Promise((done) => writer.once("exit", done));
  const codes = (await engine.ok("wait", ...names)).split("\n").map(Number);
  assert.deepEqual(codes, [...names.keys()]);
  const wrong: string[] = [];
  for (const [index, name] of names.entries()) {
    const text = await engine.ok("logs", name);
    if (text !== `ready\nout ${index}`) wrong.push(`${name}: ${text}`);
  }
  assert.deepEqual(wrong, []);
  await engine.ok("rm", ...names);
  await assertNothingLeftOver(engine);
});
