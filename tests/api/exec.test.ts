import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { createEventBus } from "../../src/engine/events.ts";
import type { ExecConfig } from "../../src/engine/execs/exec.ts";
import { createExecs } from "../../src/engine/execs/execs.ts";
import { createProbe } from "../../src/engine/execs/probe.ts";
import { LaunchError } from "../../src/engine/ports.ts";
import type { Plan, PlannedOp } from "../../src/isolation/plan.ts";
import type { ExecSpec } from "../../src/isolation/spec.ts";
import { capabilityNames } from "../../src/kernel/capabilities.ts";
import { CLONE_NEWNS, CLONE_NEWPID } from "../../src/kernel/namespaces.ts";
import { decodeExecCreate } from "../../src/wire/exec.ts";
import { fakeChannel, fakeContainer, fakeLaunched, fakeStore, until } from "./fakes.ts";

const op = (rest: object): PlannedOp => ({ stage: "container", phase: "exec", ...rest }) as PlannedOp;
const plan: Plan = {
  version: 1,
  ops: [
    { ...op({ op: "clone", flags: CLONE_NEWPID | CLONE_NEWNS }), stage: "launcher" },
    op({ op: "rlimit", resource: 7, soft: 10, hard: 20, optional: false }),
    op({ op: "write_proc", path: "/proc/self/oom_score_adj", data: "5", optional: false }),
    op({ op: "seccomp", flags: 0, program: new Uint8Array(8) }),
    op({ op: "cap_bounding", mask: "1025" }),
  ],
};

function setUp(fail?: LaunchError) {
  const container = fakeContainer();
  Object.assign(container.record.state, { status: "running", process: { pid: 100, startTime: 7 } });
  container.record.plan = { plan, timings: [] };
  container.record.config.Env = ["A=1", "B=1"];
  const channel = fakeChannel();
  const launched = fakeLaunched(channel);
  const events = createEventBus(() => 0n);
  const specs: ExecSpec[] = [];
  let ids = 0;
  const execs = createExecs({
    store: fakeStore(container),
    launcher: { launch: () => (fail ? Promise.reject(fail) : Promise.resolve(launched)) },
    layers: {
      readMerged: async (_id, path) => Buffer.from(path === "/etc/passwd" ? "me:x:1000:50::/home/me:/bin/sh\n" : ""),
    },
    cgroups: { layout: { version: "v2", mountpoint: "/sys/fs/cgroup", controllers: [] } },
    capabilities: [...capabilityNames],
    events,
    newId: () => String(ids++).padStart(64, "e"),
    compileExec(spec) {
      specs.push(spec);
      return { version: 1, ops: [] };
    },
    log() {},
  });
  const create = (body: object = {}) => execs.create(container.record.id, config({ Cmd: ["ls", "-l"], ...body }));
  return {
    container,
    channel,
    launched,
    execs,
    create,
    specs,
    actions: () => events.past(0n).map(({ Action }) => Action),
  };
}

const config = (body: object): ExecConfig => decodeExecCreate({ AttachStdout: true, AttachStderr: true, ...body });

test("an exec's process is confined as the container's own is", async () => {
  const { execs, create, specs, channel, launched } = setUp();
  const { id } = create({ User: "me", Env: ["B=2", "C=3"], WorkingDir: "/srv" });
  await execs.startDetached(id);
  launched.end(0);
  channel.finish();
  const [spec] = specs;
  assert.deepEqual(spec?.target, { pid: 100, startTime: 7 });
  const entered = Object.entries(spec?.namespaces ?? {}).flatMap(([name, on]) => (on ? [name] : []));
  assert.deepEqual(entered, ["pid", "mnt"]);
  const { process } = spec as ExecSpec;
  assert.deepEqual([process.uid, process.gid, process.cwd], [1000, 50, "/srv"]);
  assert.deepEqual(process.capabilities.bounding, ["CHOWN", "NET_BIND_SERVICE"]);
  assert.deepEqual(process.capabilities.effective, []);
  assert.equal(process.seccomp?.program.length, 8);
  assert.deepEqual(process.rlimits, [{ resource: "nofile", soft: 10, hard: 20, required: true }]);
  assert.equal(process.oomScoreAdj, 5);
  for (const variable of ["A=1", "B=2", "C=3", "HOME=/home/me"]) assert.ok(process.env.includes(variable), variable);
});

test("the exit code can be read before the stream ends", async () => {
  const { execs, create, channel, launched, actions } = setUp();
  const { id } = create();
  const client = new PassThrough();
  const served = execs.startAttached(id, {}).run(client);
  await until(() => execs.find(id).pid !== 0, "the start");
  channel.output(1, "x");
  channel.finish();
  let over = false;
  void served.then(() => {
    over = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(over, false, "the stream must not end before the exit code is known");
  launched.end(3);
  await served;
  const { state, exitCode, pid } = execs.find(id);
  assert.deepEqual([state, exitCode, pid], ["ended", 3, 0]);
  assert.deepEqual(actions(), ["exec_create: ls -l", "exec_start: ls -l", "exec_die"]);
});

test("a command that is not there: 127, told in the stream; one that cannot be executed: 126", async () => {
  for (const [errno, object, exitCode, text] of [
    ["ENOENT", "ls", 127, 'exec: "ls": executable file not found in $PATH: unknown'],
    ["ENOENT", "/ls", 127, 'exec: "/ls": no such file or directory: unknown'],
    ["EACCES", "/etc", 126, 'exec: "/etc": permission denied: unknown'],
  ] as const) {
    const { execs, create } = setUp(new LaunchError({ op: "execve", object, errno, index: 1 }));
    const { id } = create();
    const client = new PassThrough();
    await execs.startAttached(id, {}).run(client);
    const said = String(client.read());
    assert.ok(said.includes(`OCI runtime exec failed: exec failed: unable to start container process: ${text}`), said);
    assert.equal(execs.find(id).exitCode, exitCode);
    const detached = create();
    await assert.rejects(execs.startDetached(detached.id), /OCI runtime exec failed/);
  }
});

test("paused, stopped, unknown, started twice: docker's words", async () => {
  const { container, execs, create, launched, channel } = setUp();
  const { id } = create();
  await execs.startDetached(id);
  await assert.rejects(execs.startDetached(id), /is already running/);
  launched.end(0);
  channel.finish();
  await until(() => execs.find(id).state === "ended");
  await assert.rejects(execs.startDetached(id), /has already run/);
  assert.throws(() => execs.find("nope"), /No such exec instance: nope/);
  container.record.state.status = "paused";
  assert.throws(() => create(), /Container sleeper is paused, unpause the container before exec/);
  container.record.state.status = "exited";
  assert.throws(() => create(), new RegExp(`container ${container.record.id} is not running`));
  assert.throws(() => decodeExecCreate({ Cmd: [1] }), /Cmd must be a string/);
});

test("a health probe gets exit code and the first bytes of output; a late one is killed", async () => {
  const { container, channel, launched, execs } = setUp();
  const probe = createProbe(execs);
  const { signal } = new AbortController();
  const result = probe(container, ["check"], { timeoutMs: 20, maxOutput: 3, signal });
  await until(() => (channel.mask & 3) === 3, "the start");
  channel.output(1, "abcdef");
  await until(() => channel.signals.length > 0, "the kill");
  assert.deepEqual(channel.signals, [9]);
  launched.end(137);
  channel.finish();
  assert.deepEqual(await result, { exitCode: -1, output: "abc" });
});
