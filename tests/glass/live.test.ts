/** The stream against the engine and the kernel: what it says is so, at once and after each change. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { HistoryAnswer, OomReportsAnswer } from "../../src/wire/glass.ts";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { ask } from "./ask.ts";
import { type EventStream, openStream } from "./event-stream.ts";

let engine: TestEngine;
const streams: EventStream[] = [];
const listen = async (topics: string, headers?: Record<string, string>) => {
  const stream = await openStream(engine.socket, topics, headers);
  streams.push(stream);
  return stream;
};
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  const limits = ["-m", "64m", "--cpus", "0.5", "--pids-limit", "50"];
  await engine.ok("run", "-d", "--name", "box", ...limits, "busybox", "sleep", "600");
});
after(async () => {
  for (const stream of streams) stream.close();
  await engine?.stop();
});

test("unknown topics are refused with the names of those that there are", async () => {
  for (const [query, words] of [
    ["", /needs topics: .*containers, samples/],
    ["?topics=containers,weather", /no topic "weather": .*containers, samples.*map:ID/],
  ] as const) {
    const { status, body } = await ask<{ message: string }>(engine.socket, "GET", `/cloche/v1/stream${query}`);
    assert.equal(status, 400);
    assert.match(body.message, words);
  }
  const unknown = await ask<{ message: string }>(engine.socket, "GET", "/cloche/v1/stream?topics=map:nosuch");
  assert.deepEqual([unknown.status, unknown.body.message], [404, "No such container: nosuch"]);
});

test("containers are told whole, then by what has changed", async () => {
  const stream = await listen("containers");
  assert.equal((await stream.next("hello")).tick, 1000);
  const whole = await stream.next("containers", ({ full }) => full);
  const box = whole.containers.find(({ Names }) => Names[0] === "/box");
  assert.deepEqual(box?.cloche.limits, {
    nanoCpus: 500_000_000,
    memory: 64 * 1024 * 1024,
    memorySwap: box?.cloche.limits.memorySwap,
    pids: 50,
  });
  assert.equal(box?.State, "running");
  assert.equal(box?.cloche.pid, Number(await engine.ok("inspect", "-f", "{{.State.Pid}}", "box")));

  await engine.ok("run", "-d", "--name", "late", "busybox", "sleep", "600");
  const late = await stream.next("containers", ({ full, containers }) => !full && containers[0]?.State === "running");
  assert.deepEqual(
    late.containers.map(({ Names }) => Names[0]),
    ["/late"],
    "only what has changed",
  );
  await engine.ok("update", "--cpus", "0.25", "box");
  const updated = await stream.next("containers", (it) => it.containers[0]?.cloche.limits.nanoCpus === 250_000_000);
  assert.equal(updated.containers[0]?.Names[0], "/box");
  await engine.ok("update", "--cpus", "0.5", "box");
  await engine.ok("rm", "-f", "late");
  await stream.next("containers", ({ gone }) => gone.includes(late.containers[0]?.Id ?? "?"));
});

test("samples come each second, with rates and shares of limits, and a history for those who come later", async () => {
  const id = await engine.ok(
    "run",
    "-d",
    "--name",
    "busy",
    "--cpus",
    "0.5",
    "busybox",
    "sh",
    "-c",
    "while :; do :; done",
  );
  const stream = await listen("samples");
  const of = (data: Parameters<NonNullable<Parameters<typeof stream.next<"samples">>[1]>>[0]) =>
    data.containers.find((it) => it.id === id);
  const tick = await stream.next("samples", (data) => of(data)?.cpu.throttledShare !== undefined);
  const busy = of(tick);
  assert.equal(busy?.cpu.limit, 0.5);
  assert.ok(busy.cpu.cores !== undefined && busy.cpu.cores > 0.02 && busy.cpu.cores < 0.8, String(busy.cpu.cores));
  assert.ok(Math.abs((busy.cpu.ofLimit ?? 0) - busy.cpu.cores * 200) < 0.001);
  assert.ok(Math.abs((busy.cpu.ofHost ?? 0) - (busy.cpu.cores / tick.host.cpus) * 100) < 0.001);
  assert.ok(busy.cpu.user + busy.cpu.system > 0 && busy.memory.usage > 0 && busy.pids.current === 1);
  assert.ok(busy.memory.workingSet <= busy.memory.usage && busy.network !== undefined);
  assert.ok(tick.host.memory.available > 0 && tick.host.load.length === 3);
  const quiet = tick.containers.find((it) => it.memory.limit === 64 * 1024 * 1024);
  assert.ok((quiet?.memory.ofLimit ?? 0) > 0 && quiet?.pids.limit === 50);

  const { body } = await ask<HistoryAnswer>(engine.socket, "GET", "/cloche/v1/containers/busy/history");
  assert.ok(
    body.samples.some(({ at }) => at === busy.at),
    "what was told is remembered",
  );
  await engine.ok("rm", "-f", "busy");
  await engine.ok("create", "--name", "idle", "busybox");
  const idle = await ask<HistoryAnswer>(engine.socket, "GET", "/cloche/v1/containers/idle/history");
  assert.deepEqual(idle.body.samples, []);
  assert.match(idle.body.reason ?? "", /does not run/);
  assert.equal((await ask(engine.socket, "GET", "/cloche/v1/containers/nosuch/history")).status, 404);
});

test("docker's events come as they happen; one who comes back hears what it has missed", async () => {
  const stream = await listen("events");
  await engine.ok("rename", "box", "crate");
  const event = await stream.next("events", ({ Action }) => Action === "rename");
  assert.deepEqual([event.Type, event.Actor.Attributes.name], ["container", "crate"]);
  const last = stream.heard.at(-1)?.id ?? "";
  stream.close();
  await engine.ok("rename", "crate", "box");
  const again = await listen("events", { "Last-Event-ID": last });
  const missed = await again.next("events");
  assert.deepEqual([missed.Action, missed.Actor.Attributes.name], ["rename", "box"]);
  assert.match(again.raw(), /^retry: \d+\n\n/);
});

test("the processes of a container, and all of the host's", async () => {
  const pid = Number(await engine.ok("inspect", "-f", "{{.State.Pid}}", "box"));
  const id = await engine.ok("inspect", "-f", "{{.Id}}", "box");
  const stream = await listen("map:box,processes");
  const map = await stream.next("map");
  assert.deepEqual([map.id, map.processes.map((it) => it.pid)], [id, [pid]]);
  const whole = await stream.next("processes", ({ full }) => full);
  const first = whole.processes.find((it) => it.pid === pid);
  assert.deepEqual(
    { ...first, startedAt: 0 },
    {
      pid,
      ppid: first?.ppid,
      pids: [pid, 1],
      uid: 0,
      user: "root",
      command: "sleep 600",
      startedAt: 0,
      owner: "box",
      container: id,
    },
  );
  assert.ok(Math.abs(Date.now() - (first?.startedAt ?? 0)) < 3_600_000);
  const self = whole.processes.find((it) => it.pid === process.pid);
  assert.equal(self?.owner, "host");
  assert.ok(!whole.processes.some(({ command }) => command.startsWith("[kthreadd")), "no kernel threads");

  await engine.ok("exec", "-d", "box", "sleep", "4711");
  const more = await stream.next("map", ({ processes }) => processes.length === 2);
  const added = more.processes.find((it) => it.pid !== pid);
  assert.equal(added?.command, "sleep 4711");
  const delta = await stream.next(
    "processes",
    ({ full, processes }) => !full && processes.some((it) => it.command === "sleep 4711"),
  );
  assert.ok(delta.processes.length < whole.processes.length);
  process.kill(added?.pid ?? 0, "SIGKILL");
  await stream.next("processes", ({ gone }) => gone.includes(added?.pid ?? 0));
  await stream.next(
    "map",
    ({ processes }) => processes.length === 1,
    stream.heard.indexOf(stream.heard.findLast((it) => it.event === "map") as never),
  );
});

test("the cgroup tree comes with each tick", async () => {
  const stream = await listen("cgroups");
  const tree = await stream.next("cgroups");
  const box = tree.nodes.find(({ owner }) => owner === "box");
  assert.deepEqual([box?.memory?.limit, box?.processes], [64 * 1024 * 1024, 1]);
  const later = await stream.next("cgroups", ({ at }) => at > tree.at);
  assert.ok(later.nodes.length > 1);
});

test("the map of a container that is removed ends in trouble that is told once", async () => {
  await engine.ok("run", "-d", "--name", "brief", "busybox", "sleep", "600");
  const stream = await listen("map:brief,samples");
  await stream.next("map", ({ processes }) => processes.length === 1);
  await engine.ok("rm", "-f", "brief");
  assert.match((await stream.next("trouble")).reason, /No such container/);
  const from = stream.heard.length;
  await stream.next("samples", () => true, from);
  await stream.next("samples", () => true, from + 1);
  assert.equal(stream.heard.filter(({ event }) => event === "trouble").length, 1);
});

test("a kill for memory is told while the container goes on, and listed", async () => {
  const stream = await listen("oom,samples");
  await stream.next("samples");
  const script = "while :; do tail -c 100m /dev/zero; sleep 2; done";
  await engine.ok("run", "-d", "--name", "greedy", "-m", "16m", "--memory-swap", "16m", "busybox", "sh", "-c", script);
  const told = await stream.next("oom", ({ name }) => name === "greedy");
  assert.deepEqual(
    [told.report?.running, told.report?.first.fate, told.report?.cgroup.which],
    [true, "running", "own"],
  );
  const { body } = await ask<OomReportsAnswer>(engine.socket, "GET", "/cloche/v1/oom");
  assert.deepEqual(
    body.reports.map(({ name }) => name),
    ["greedy"],
  );
  await engine.ok("kill", "greedy");
  await stream.next("oom", ({ report }) => report?.running === false);
});

test("a stream is closed by neither side for being quiet, and a client that does not read is not waited for", async () => {
  const slow = await listen("samples,processes");
  await slow.next("hello");
  slow.pause();
  const other = await listen("samples");
  const from = other.heard.length;
  await other.next("samples", () => true, from);
  await other.next("samples", () => true, from + 1);
  assert.equal(slow.ended(), false);
  slow.resume();
  const count = slow.heard.length;
  await slow.next("samples", () => true, count);
});

test("an engine whose containers nobody looks at rests", async () => {
  for (const stream of streams) stream.close();
  await engine.ok("rm", "-f", "greedy");
  const used = () => {
    const fields = readFileSync(`/proc/${engine.pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return Number(fields[11]) + Number(fields[12]);
  };
  // Let what was begun end.
  await until(
    async () => {
      const at = used();
      await new Promise((resolve) => setTimeout(resolve, 3000));
      return used() - at <= 6;
    },
    { what: "an engine that uses less than 2 % of a CPU", seconds: 60 },
  );
});
