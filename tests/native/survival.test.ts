import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { encodePlan } from "../../src/isolation/encode.ts";
import type { Op, Plan } from "../../src/isolation/plan.ts";
import { binary, eventually, frames, kill, launch, makeRoot, output, plan, runToEnd, scratch, sh } from "./harness.ts";

/** An engine of three lines, to be killed: it starts a launcher and hands the plan on. */
function engine(t: TestContext, directory: string, wish: Plan): ChildProcess {
  const file = join(directory, "plan");
  writeFileSync(file, encodePlan(wish));
  const script = `
    const child = require("node:child_process").spawn(process.argv[1], [], { env: {}, detached: true,
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe", "pipe"] });
    child.stdio[3].end(require("node:fs").readFileSync(process.argv[2]));
    child.stdio[4].on("data", (chunk) => process.stdout.write(chunk));
    child.stdio[5].on("data", () => {});`;
  const made = spawn(process.execPath, ["-e", script, binary, file], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => made.kill("SIGKILL"));
  return made;
}

test("a killed engine costs no container, no log line and no exit code", async (t) => {
  const directory = scratch(t);
  const root = makeRoot(directory);
  const [log, record, socket] = ["log", "record", "socket"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const launcher: Op[] = [
    { op: "log_json", path: log, maxSize: 0, maxFiles: 1, compress: false, attrs: "" },
    { op: "exit_record", path: record },
    { op: "listen", path: socket },
  ];
  const script = "i=0; while [ ! -e /stop ]; do echo line-$i; i=$((i+1)); sleep 0.01; done; exit 42";
  const first = engine(t, directory, plan({ root, argv: sh(script), launcher }));
  await eventually(() => existsSync(log) && readFileSync(log, "utf8").includes("line-5"));
  first.kill("SIGKILL");
  const before = readFileSync(log).length;
  await eventually(() => readFileSync(log).length > before + 1000);

  const again = createConnection(socket);
  const all = frames(again);
  again.write(Buffer.from([16, 0, 0, 0, 0, 0, 0, 1, 1]));
  await eventually(() => again.bytesRead > 0);
  writeFileSync(join(root, "stop"), "");
  const seen = await all;
  assert.equal(seen.at(-1)?.type, 33);
  assert.equal(JSON.parse(readFileSync(record, "utf8")).exitCode, 42);
  assert.ok(!existsSync(socket));
  const lines = readFileSync(log, "utf8")
    .trimEnd()
    .split("\n")
    .map((line): string => JSON.parse(line).log);
  assert.deepEqual(
    lines,
    lines.map((_, i) => `line-${i}\n`),
  );
  assert.ok(output(seen).endsWith(lines.at(-1) ?? ""));
});

test("a failed start leaves nothing: no socket, no record, no process, no cgroup", async (t) => {
  const directory = scratch(t);
  const root = makeRoot(directory);
  const hierarchy = existsSync("/sys/fs/cgroup/pids") ? "/sys/fs/cgroup/pids" : "/sys/fs/cgroup";
  const parent = `${hierarchy}/docker-test-native-${process.pid}`;
  const [record, socket] = [join(directory, "record"), join(directory, "socket")];
  const launcher: Op[] = [
    { op: "listen", path: socket },
    { op: "exit_record", path: record },
    { op: "cgroup_create", path: `${parent}/a/b` },
  ];
  const before: Op[] = [{ op: "cgroup_join", path: `${parent}/a/b` }];
  const failures: [Partial<Parameters<typeof runToEnd>[0]>, string, number][] = [
    [{ launcher: [...launcher, { op: "cgroup_create", path: "/proc/nothing" }] }, "cgroup_create", 2],
    [
      { parent: [{ op: "write_file", path: "/proc/sys/kernel/pid_max", data: "bad", optional: false }] },
      "write_file",
      22,
    ],
    [{ after: [{ op: "chdir", path: "/missing", create: false, uid: 0, gid: 0 }] }, "chdir", 2],
    [{ argv: ["missing"] }, "execve", 2],
    [{ after: [{ op: "init" }], argv: ["missing"] }, "execve", 2],
  ];
  for (const [more, op, errno] of failures) {
    const end = await runToEnd({ root, argv: ["true"], launcher, before, ...more });
    assert.deepEqual(
      end.events.map((event) => [event.event, event.op, event.errno]),
      [["error", op, errno]],
    );
    assert.equal(end.status, 1);
    assert.deepEqual([existsSync(socket), existsSync(record), existsSync(parent)], [false, false, false], op);
  }
});

test("a cgroup that was there before a failed start stays", async (t) => {
  const directory = scratch(t);
  const path = `/sys/fs/cgroup/${existsSync("/sys/fs/cgroup/pids") ? "pids/" : ""}docker-test-kept-${process.pid}`;
  mkdirSync(path);
  t.after(async () => (await import("node:fs")).rmdirSync(path));
  const launcher: Op[] = [{ op: "cgroup_create", path: `${path}/new` }];
  await runToEnd({ root: makeRoot(directory), argv: ["missing"], launcher });
  assert.deepEqual([existsSync(path), existsSync(`${path}/new`)], [true, false]);
});

test("a child that is killed before execve is told as killed", async (t) => {
  const directory = scratch(t);
  const fifo = join(directory, "fifo");
  await new Promise((resolve) => spawn("mkfifo", [fifo]).on("exit", resolve));
  // Opening a FIFO for writing waits for a reader: the child stands still there.
  const wait: Op = { op: "write_file", path: fifo, data: "x", optional: false };
  const wish = plan({ root: makeRoot(directory), argv: ["true"], before: [wait] });
  const run = launch(wish);
  const child = await eventually(() => childrenOf(run.launcher.pid)[0]);
  await eventually(() => readFileSync(`/proc/${child}/wchan`, "utf8").includes("partner"));
  kill(child);
  const [event] = await run.events;
  assert.deepEqual([event?.event, event?.op, event?.errno, event?.signal], ["error", "write_file", 0, 9]);
});

test("a launcher that is killed takes its half-made container with it", async (t) => {
  const directory = scratch(t);
  const fifo = join(directory, "fifo");
  await new Promise((resolve) => spawn("mkfifo", [fifo]).on("exit", resolve));
  const wait: Op = { op: "write_file", path: fifo, data: "x", optional: false };
  const run = launch(plan({ root: makeRoot(directory), argv: ["true"], before: [wait] }));
  const child = await eventually(() => childrenOf(run.launcher.pid)[0]);
  await eventually(() => readFileSync(`/proc/${child}/wchan`, "utf8").includes("partner"));
  run.launcher.kill("SIGKILL");
  await eventually(() => !existsSync(`/proc/${child}`));
});

test("optional operations that fail are warnings", async (t) => {
  const before: Op[] = [{ op: "write_file", path: "/proc/nothing", data: "", optional: true }];
  const parent: Op[] = [{ op: "write_file", path: '/nothing/"quoted"', data: "", optional: true }];
  const end = await runToEnd({ root: makeRoot(scratch(t)), argv: ["true"], before, parent });
  const told = end.events.map(({ event, op, object, errno }) => [event, op, object, errno]);
  assert.deepEqual(told.slice(0, 2), [
    ["warning", "write_file", '/nothing/"quoted"', 2],
    ["warning", "write_file", "/proc/nothing", 2],
  ]);
  assert.equal(told[2]?.[0], "started");
});

test("a background process that keeps the output open holds up neither exit code nor end", async (t) => {
  const root = makeRoot(scratch(t));
  const argv = sh("sleep 1000 & echo $! > /pid; echo bye");
  const end = await runToEnd({ root, argv, flags: 0x20000 }); // the host's pid namespace: nobody kills it with us
  kill(Number(readFileSync(join(root, "pid"), "utf8")));
  assert.equal(end.stdout, "bye\n");
  assert.equal(end.events.at(-1)?.exitCode, 0);
});

test("what is left in the cgroup is killed, its counters are read, and it is removed", async (t) => {
  const root = makeRoot(scratch(t));
  const hierarchy = existsSync("/sys/fs/cgroup/pids") ? "/sys/fs/cgroup/pids" : "/sys/fs/cgroup";
  const path = `${hierarchy}/docker-test-native-exit-${process.pid}`;
  const file = join(root, "counters");
  writeFileSync(file, "oom 7\noom_kill 3\nother 1\n");
  const end = await runToEnd({
    root,
    flags: 0x20000,
    argv: sh("sleep 1000 & echo $! > /pid; exit 0"),
    launcher: [{ op: "cgroup_create", path }],
    before: [{ op: "cgroup_join", path }],
    exit: [
      { op: "cgroup_kill", path },
      { op: "read_counter", name: "oom_kill", path: file, key: "oom_kill" },
      { op: "read_counter", name: "missing", path: file, key: "no_such" },
      { op: "cgroup_remove", path },
    ],
  });
  assert.deepEqual(end.events.at(-1)?.counters, { oom_kill: 3 });
  assert.equal(end.events.find(({ event }) => event === "warning")?.op, "read_counter");
  assert.ok(!existsSync(path));
  await eventually(() => !existsSync(`/proc/${readFileSync(join(root, "pid"), "utf8").trim()}`));
});

test("a monitor is small, keeps few descriptors, and none of the launch's", {
  skip: Boolean(process.env.LAUNCHER),
}, async (t) => {
  const root = makeRoot(scratch(t));
  const run = launch(plan({ root, argv: ["sleep", "1000"] }));
  const started = await run.event("started");
  await eventually(() => readFileSync(`/proc/${started?.monitor}/wchan`, "utf8").includes("epoll"));
  const memory = readFileSync(`/proc/${started?.monitor}/smaps_rollup`, "utf8");
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(memory)?.[1]);
  assert.ok(kib("Pss") < 1024, memory);
  assert.ok(kib("Private_Clean") + kib("Private_Dirty") <= 150 || kib("Shared_Clean") < 100, memory);
  const open = readdirSync(`/proc/${started?.monitor}/fd`).map((fd) =>
    readlinkSync(`/proc/${started?.monitor}/fd/${fd}`),
  );
  assert.ok(open.length <= 12, open.join(" "));
  kill(Number(started?.pid));
  await run.events;
});

function childrenOf(pid: number | undefined): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}
