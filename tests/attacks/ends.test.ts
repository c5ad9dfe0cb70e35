/** Deaths of every kind, at the worst moment: what is told of them is true, and nothing of them is left. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, globSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { call, hostileImage, remove, start } from "./scene.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await hostileImage(engine, "hostile");
});
after(() => engine?.stop());

/** CLOCHE_ATTACKS=full: each death as often as it takes to find one in a hundred. */
const REPEATS = process.env.CLOCHE_ATTACKS === "full" ? 200 : 4;

const openFiles = () => readdirSync(`/proc/${engine.pid}/fd`).length;
const monitorOf = (pid: number) => Number(/PPid:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
const cgroups = (id: string) =>
  globSync([
    `/sys/fs/cgroup/docker/${id}`,
    `/sys/fs/cgroup/*/docker/${id}`,
    `/sys/fs/cgroup/system.slice/docker-${id}.scope`,
  ]);

type State = { Status: string; Running: boolean; ExitCode: number; OOMKilled: boolean; Pid: number; Error: string };
async function stateOf(id: string): Promise<State> {
  return JSON.parse((await call(engine, "GET", `/containers/${id}/json`)).text).State;
}

test("attack 35: a container whose monitor is killed is told as ended, and all of it is cleared away", async () => {
  const { id } = await start(engine, { Image: "hostile", Cmd: ["sh", "-c", "sleep 1000 & sleep 1000"] });
  const { Pid } = await stateOf(id);
  process.kill(monitorOf(Pid), "SIGKILL");
  await until(async () => (await stateOf(id)).Status === "exited", { what: "it is told as ended" });
  const state = await stateOf(id);
  assert.equal(state.ExitCode, 255);
  assert.match(state.Error, /monitor/);
  await until(() => !existsSync(`/proc/${Pid}`) && cgroups(id).length === 0, {
    what: "its processes and cgroups are gone",
  });
  assert.equal((await call(engine, "POST", `/containers/${id}/start`)).status, 204);
  await remove(engine, id);
});

test("attack 35: PID 1 killed from the host: exit code 137, and no container runs", async () => {
  const { id } = await start(engine, { Image: "hostile", Cmd: ["sleep", "1000"] });
  process.kill((await stateOf(id)).Pid, "SIGKILL");
  await until(async () => !(await stateOf(id)).Running, { what: "the end is noticed" });
  const { Status, ExitCode, OOMKilled } = await stateOf(id);
  assert.deepEqual({ Status, ExitCode, OOMKilled }, { Status: "exited", ExitCode: 137, OOMKilled: false });
  assert.equal((await call(engine, "GET", "/containers/json")).text.trim(), "[]");
  await remove(engine, id);
});

const EAT = "x=a; while true; do x=$x$x$x$x; done";
const limited = { Image: "hostile", HostConfig: { Memory: 16 << 20, MemorySwap: 16 << 20, NetworkMode: "none" } };

/** What must be told when memory runs out in each way: PID 1, its child, an exec, at the very start, just before the end. */
const deaths: { what: string; body: object; exec?: string; code: number; oom: boolean }[] = [
  { what: "PID 1", body: { Cmd: ["sh", "-c", EAT] }, code: 137, oom: true },
  { what: "a child", body: { Cmd: ["sh", "-c", `sh -c '${EAT}'; exit 3`] }, code: 3, oom: true },
  {
    what: "an exec",
    body: { Cmd: ["sh", "-c", "while [ ! -e /over ]; do usleep 20000; done; exit 4"] },
    exec: `sh -c '${EAT}'; touch /over`,
    code: 4,
    oom: true,
  },
  {
    what: "the last child, as PID 1 ends",
    body: { Cmd: ["sh", "-c", `(${EAT}) & wait $!; exit 5`] },
    code: 5,
    oom: true,
  },
  { what: "nobody", body: { Cmd: ["sh", "-c", "exit 137"] }, code: 137, oom: false },
];

for (const { what, body, exec, code, oom } of deaths) {
  test(`attack 36: killed for memory: ${what}`, async () => {
    for (let i = 0; i < REPEATS; i++) {
      const { id } = await start(engine, { ...limited, ...body });
      if (exec) await engine.docker("exec", id, "sh", "-c", exec);
      const { StatusCode } = JSON.parse((await call(engine, "POST", `/containers/${id}/wait`)).text);
      const { OOMKilled, ExitCode } = await stateOf(id);
      assert.deepEqual({ StatusCode, ExitCode, OOMKilled }, { StatusCode: code, ExitCode: code, OOMKilled: oom });
      await remove(engine, id);
    }
  });
}

test("attack 36: a limit that is too small even for the start gives an error or an end, not a hang", async () => {
  for (let i = 0; i < REPEATS; i++) {
    const { id, status } = await start(engine, {
      Image: "hostile",
      Cmd: ["sh", "-c", EAT],
      HostConfig: { Memory: 6 << 20, NetworkMode: "none" },
    });
    if (status === 204) await call(engine, "POST", `/containers/${id}/wait`);
    const { Running, OOMKilled } = await stateOf(id);
    assert.equal(Running, false);
    if (status === 204) assert.equal(OOMKilled, true);
    await remove(engine, id);
    assert.deepEqual(cgroups(id), []);
  }
});

test("attack 38: 200 containers that end at the same moment: each exit code is right, each end is told once", async (t) => {
  const COUNT = 200;
  const { Mountpoint } = JSON.parse((await call(engine, "POST", "/volumes/create", { Name: "gate" })).text);
  const gate = join(Mountpoint, "gate");
  execFileSync("mkfifo", [gate]);
  const before = openFiles();
  const since = String(Date.now() / 1000);
  const ids: string[] = [];
  const numbers = Array.from({ length: COUNT }, (_, i) => i + 1);
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
        const { id, status, text } = await start(engine, {
          Image: "hostile",
          Cmd: ["sh", "-c", `read x < /gate/gate; exit ${number}`],
          HostConfig: { NetworkMode: "none", Binds: ["gate:/gate"] },
        });
        assert.equal(status, 204, text);
        ids[number - 1] = id;
      }
    }),
  );
  // All of them wait in open(2) for a writer, and read the end of file when it goes.
  await until(async () => (await reading(ids)) === COUNT, { what: "all of them wait at the gate", every: 200 });
  closeSync(openSync(gate, "w"));
  const ends = await Promise.all(ids.map((id) => call(engine, "POST", `/containers/${id}/wait`)));
  assert.deepEqual(
    ends.map(({ text }) => JSON.parse(text).StatusCode),
    ids.map((_, i) => i + 1),
  );
  const until_ = String(Date.now() / 1000 + 1);
  const filters = encodeURIComponent('{"event":["die"]}');
  const { text } = await call(engine, "GET", `/events?since=${since}&until=${until_}&filters=${filters}`);
  const dies = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(dies.length, COUNT);
  assert.deepEqual(
    Object.fromEntries(dies.map((event) => [event.Actor.ID, Number(event.Actor.Attributes.exitCode)])),
    Object.fromEntries(ids.map((id, i) => [id, i + 1])),
  );
  t.diagnostic(`${COUNT} ends within ${await span(ids)} ms`);
  const times = dies.map(({ timeNano }) => Number(timeNano));
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  for (const id of ids) await remove(engine, id);
  await until(() => openFiles() <= before + 5, {
    what: () => `no descriptor is left: ${before} before, ${openFiles()} now`,
  });
  assert.equal(ids.flatMap(cgroups).length, 0);
  await call(engine, "DELETE", "/volumes/gate");
});

/** From the first process' end to the last one's, in milliseconds, as the kernel told their monitors. */
async function span(ids: string[]): Promise<number> {
  const ends = await Promise.all(
    ids.map(async (id) =>
      Date.parse(JSON.parse((await call(engine, "GET", `/containers/${id}/json`)).text).State.FinishedAt),
    ),
  );
  return Math.max(...ends) - Math.min(...ends);
}

async function reading(ids: string[]): Promise<number> {
  const pids = await Promise.all(ids.map(async (id) => (await stateOf(id)).Pid));
  return pids.filter(
    (pid) =>
      /wait_for_partner|fifo_open/.test(readText(`/proc/${pid}/wchan`)) ||
      /^open/.test(readText(`/proc/${pid}/syscall`)) ||
      waits(pid),
  ).length;
}

/** In openat(2), by its number. */
function waits(pid: number): boolean {
  const number = { x64: "257", arm64: "56" }[process.arch as "x64" | "arm64"];
  const call = readText(`/proc/${pid}/syscall`).split(" ")[0];
  return call === number || call === "2";
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

test("attack 39: a process that got the number of a dead container's is not killed in its place", async (t) => {
  const { id } = await start(engine, { Image: "hostile", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "none" } });
  const { Pid } = await stateOf(id);
  const monitor = monitorOf(Pid);
  await engine.crash();
  process.kill(monitor, "SIGKILL");
  process.kill(Pid, "SIGKILL");
  await until(() => !existsSync(`/proc/${Pid}`), { what: "the container is dead" });
  const innocent = await processWithPid(Pid);
  if (innocent === undefined) {
    await engine.restart();
    return t.skip("the number could not be had again");
  }
  try {
    await engine.restart();
    await until(async () => !(await stateOf(id)).Running, { what: "the engine knows that it is dead" });
    assert.ok((await call(engine, "POST", `/containers/${id}/kill`)).status >= 400);
    await call(engine, "POST", `/containers/${id}/stop`);
    assert.ok((await call(engine, "GET", `/containers/${id}/top`)).status >= 400);
    await remove(engine, id);
    assert.equal(innocent.exitCode, null);
    assert.equal(innocent.signalCode, null);
    assert.ok(existsSync(`/proc/${Pid}`));
  } finally {
    innocent.kill("SIGKILL");
  }
});

/** The kernel gives out the number after the last one: ours, if nobody else comes between. */
async function processWithPid(pid: number): Promise<ChildProcess | undefined> {
  for (let attempt = 0; attempt < 300; attempt++) {
    try {
      writeFileSync("/proc/sys/kernel/ns_last_pid", String(pid - 1));
    } catch {
      return undefined;
    }
    const child = spawn("sleep", ["1000"], { stdio: "ignore" });
    if (child.pid === pid) return child;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }
  return undefined;
}

test("attack 40: a paused container can be killed, stopped and removed, and takes no exec", async () => {
  const paused = async (body: object = {}) => {
    const { id } = await start(engine, {
      Image: "hostile",
      Cmd: ["sh", "-c", "trap 'exit 7' TERM; while true; do usleep 10000; done"],
      HostConfig: { NetworkMode: "none" },
      ...body,
    });
    await until(async () => (await call(engine, "GET", `/containers/${id}/top`)).status === 200);
    assert.equal((await call(engine, "POST", `/containers/${id}/pause`)).status, 204);
    assert.equal((await stateOf(id)).Status, "paused");
    return id;
  };
  const killed = await paused();
  const exec = await call(engine, "POST", `/containers/${killed}/exec`, { Cmd: ["true"] });
  assert.equal(exec.status, 409);
  assert.match(exec.text, /is paused, unpause the container before exec/);
  assert.equal((await call(engine, "POST", `/containers/${killed}/kill`)).status, 204);
  assert.equal((await stateOf(killed)).ExitCode, 137);
  const stopped = await paused();
  assert.equal((await call(engine, "POST", `/containers/${stopped}/stop?t=20`)).status, 204);
  assert.ok([7, 143].includes((await stateOf(stopped)).ExitCode));
  const removed = await paused();
  assert.equal((await call(engine, "DELETE", `/containers/${removed}`)).status, 409);
  assert.equal((await call(engine, "DELETE", `/containers/${removed}?force=1`)).status, 204);
  for (const id of [killed, stopped, removed]) {
    await remove(engine, id);
    assert.deepEqual(cgroups(id), []);
  }
});

test("attack 40: a paused container whose engine dies is still paused for the next, and can be ended", async () => {
  const { id } = await start(engine, { Image: "hostile", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "none" } });
  await call(engine, "POST", `/containers/${id}/pause`);
  await engine.crash();
  await engine.restart();
  assert.equal((await stateOf(id)).Status, "paused");
  const { Pid } = await stateOf(id);
  process.kill(monitorOf(Pid), "SIGKILL");
  await until(async () => !(await stateOf(id)).Running && !existsSync(`/proc/${Pid}`), {
    what: "a frozen orphan is killed too",
  });
  await remove(engine, id);
  assert.deepEqual(cgroups(id), []);
});
