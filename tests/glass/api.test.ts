/** The glass API against the kernel: plans, dry runs, maps, owners, cgroups, namespaces. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type {
  CgroupsAnswer,
  MapAnswer,
  NamespacesAnswer,
  PlanAnswer,
  ProcessView,
  WhoisAnswer,
} from "../../src/wire/glass.ts";
import { importBusybox } from "../support/busybox.ts";
import { projectRoot, startEngine, type TestEngine } from "../support/engine.ts";
import { ask } from "./ask.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  await engine.ok(
    "run",
    "-d",
    "--name",
    "box",
    "-m",
    "64m",
    "--cpus",
    "0.5",
    "--user",
    "1000:50",
    "busybox",
    "sleep",
    "600",
  );
});
after(() => engine?.stop());

const get = async <T>(path: string): Promise<T> => {
  const { status, body } = await ask<T>(engine.socket, "GET", `/cloche/v1${path}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};
const pidOf = async (name: string) => Number(await engine.ok("inspect", "-f", "{{.State.Pid}}", name));

test("a plan is all operations in order, in words, with the times they took", async () => {
  const plan = await get<PlanAnswer>("/containers/box/plan");
  const rows = plan.phases.flatMap(({ rows }) => rows);
  assert.deepEqual(
    rows.map(({ index }) => index),
    rows.map((_, at) => at),
  );
  assert.ok(plan.ran && rows.length === plan.operations && rows.length > 50);
  const limit = rows.find(({ op }) => op.op === "write_file" && op.data === "67108864");
  assert.match(limit?.sentence ?? "", /Write "67108864" to .*memory/);
  assert.ok((limit?.microseconds ?? -1) >= 0);
  assert.ok(rows.every(({ sentence, manPage, shell }) => sentence && manPage && shell));
  const seccomp = rows.find(({ op }) => op.op === "seccomp");
  assert.ok(seccomp && typeof seccomp.op.program === "object", "byte strings are shown as JSON can hold them");
});

test("a container that never ran has no plan, an unknown one is not found", async () => {
  await engine.ok("create", "--name", "idle", "busybox");
  const idle = await ask<{ message: string }>(engine.socket, "GET", "/cloche/v1/containers/idle/plan");
  assert.equal(idle.status, 409);
  assert.match(idle.body.message, /has not been started/);
  const map = await get<MapAnswer>("/containers/idle/map");
  assert.match(map.reason ?? "", /not running/);
  for (const part of ["plan", "map"]) {
    const unknown = await ask<{ message: string }>(engine.socket, "GET", `/cloche/v1/containers/nosuch/${part}`);
    assert.deepEqual([unknown.status, unknown.body.message], [404, "No such container: nosuch"]);
  }
});

test("a dry run starts nothing and leaves nothing", async () => {
  const containers = `${engine.dataRoot}/containers`;
  const left = () => [existsSync(containers) ? readdirSync(containers).length : 0, readdirSync(engine.execRoot).length];
  const before = [left(), await engine.ok("ps", "-aq"), await engine.ok("volume", "ls", "-q")];
  const body = {
    Image: "busybox",
    Cmd: ["echo", "hello"],
    HostConfig: {
      Memory: 32 * 1024 * 1024,
      Binds: ["data:/data", "/nonexistent/cloche-dry-run:/host"],
      PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }] },
    },
  };
  const { status, body: plan } = await ask<PlanAnswer>(engine.socket, "POST", "/cloche/v1/plan?name=dry", body);
  assert.equal(status, 200, JSON.stringify(plan));
  const rows = plan.phases.flatMap(({ rows }) => rows);
  assert.ok(!plan.ran && rows.every(({ microseconds }) => microseconds === undefined));
  assert.equal(rows.findLast(({ stage }) => stage === "container")?.shell, "exec echo hello");
  assert.ok(rows.some(({ op }) => op.op === "bind" && op.target === "/data"));
  assert.deepEqual([left(), await engine.ok("ps", "-aq"), await engine.ok("volume", "ls", "-q")], before);
  assert.equal(existsSync("/nonexistent"), false);
  // The name is free again, and one that is taken is refused as create would.
  assert.equal((await ask(engine.socket, "POST", "/cloche/v1/plan?name=dry", body)).status, 200);
  assert.equal((await ask(engine.socket, "POST", "/cloche/v1/plan?name=box", body)).status, 409);
  const missing = await ask<{ message: string }>(engine.socket, "POST", "/cloche/v1/plan", { Image: "nosuch" });
  assert.equal(missing.status, 404);
});

test("a map shows each process from both sides, as /proc has it", async () => {
  const pid = await pidOf("box");
  const { processes } = await get<MapAnswer>("/containers/box/map");
  assert.deepEqual(
    processes.map((process) => process.pid),
    [pid],
  );
  const [first] = processes as [ProcessView];
  assert.deepEqual(
    first.pids.map((it) => it.pid),
    [pid, 1],
  );
  assert.equal(first.pids[1]?.namespace, inode(pid, "pid"));
  assert.equal(first.pids[0]?.namespace, inode(process.pid, "pid"));
  assert.deepEqual(
    [first.command, first.user, first.group],
    ["sleep 600", { outside: 1000, inside: 1000 }, { outside: 50, inside: 50 }],
  );
  for (const { kind, inode: number, host } of first.namespaces) {
    assert.equal(number, inode(pid, kind));
    assert.equal(host, number === inode(process.pid, kind), kind);
  }
  assert.ok(first.capabilities.bounding.includes("CHOWN") && !first.capabilities.bounding.includes("SYS_ADMIN"));
  assert.deepEqual([first.capabilities.effective, first.seccomp.mode], [[], "filter"]);
});

test("namespaces that containers share name each other", async () => {
  await engine.ok(
    "run",
    "-d",
    "--name",
    "guest",
    "--network",
    "container:box",
    "--pid",
    "container:box",
    "busybox",
    "sleep",
    "600",
  );
  const { processes } = await get<MapAnswer>("/containers/guest/map");
  const shared = processes[0]?.namespaces.filter((it) => it.with.includes("box")).map(({ kind }) => kind);
  assert.deepEqual(shared, ["pid", "net"].concat(shared?.includes("ipc") ? ["ipc"] : []));
  const { namespaces } = await get<NamespacesAnswer>("/namespaces");
  const net = namespaces.find(
    ({ kind, inode: number }) => kind === "net" && number === inode(processes[0]?.pid ?? 0, "net"),
  );
  assert.deepEqual(
    net?.owners.filter((name) => ["box", "guest"].includes(name)),
    ["box", "guest"],
  );
  assert.ok(namespaces.some(({ kind, host }) => kind === "net" && host));
});

test("whois tells a container's process, the host's, and a PID that is gone", async () => {
  const pid = await pidOf("box");
  const found = await get<WhoisAnswer>(`/whois/${pid}`);
  assert.deepEqual([found.owner.kind, found.owner.name], ["cloche", "box"]);
  const holds = (what: string) => found.isolation.find((it) => it.what === what)?.holds;
  assert.deepEqual([holds("net namespace"), holds("user namespace"), holds("system call filter")], [true, false, true]);
  assert.deepEqual(
    found.limits
      .filter(({ at }) => at.endsWith(found.owner.id ?? "?"))
      .map(({ name }) => name)
      .sort(),
    ["cpu", "memory"],
  );
  assert.equal((await get<WhoisAnswer>(`/whois/${process.pid}`)).owner.kind, "host");
  const gone = await ask<{ message: string }>(engine.socket, "GET", "/cloche/v1/whois/4194304");
  assert.deepEqual(
    [gone.status, gone.body.message],
    [404, "no process has the id 4194304: it has ended, or never was"],
  );
  assert.equal((await ask(engine.socket, "GET", "/cloche/v1/whois/x")).status, 400);
});

test("the cgroup tree has the container with its limits", async () => {
  const { nodes, files, version } = await get<CgroupsAnswer>("/cgroups");
  const box = nodes.find(({ owner }) => owner === "box");
  assert.equal(box?.memory?.limit, 64 * 1024 * 1024);
  assert.deepEqual([box?.cpu?.quota, box?.cpu?.period, box?.processes], [50_000, 100_000, 1]);
  assert.ok(box && (nodes.find(({ path }) => path === "/docker")?.processes ?? 0) >= box.processes);
  assert.ok(version === "v1" || version === "v2");
  assert.ok(files.every(({ v1, v2 }) => v1 && v2));
});

function inode(pid: number, kind: string): number {
  return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/${kind}`))?.[1]);
}

test("every path of docs/glass-api.md is answered", async () => {
  const text = readFileSync(join(projectRoot, "docs/glass-api.md"), "utf8");
  const rows = [...text.matchAll(/^\| (GET|POST) \| (\S+) \|/gm)];
  assert.ok(rows.length >= 9);
  for (const [, method = "", path = ""] of rows) {
    const { body } = await ask<{ message?: string }>(
      engine.socket,
      method,
      path.replace(/{\w+}/, "nosuch"),
      method === "POST" ? {} : undefined,
    );
    assert.notEqual(body.message, "page not found", path);
  }
});
