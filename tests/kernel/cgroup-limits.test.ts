/** Limits of a plan, carried out: what a container under them cannot do. On v1, hybrid and v2 hosts alike. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createCgroups } from "../../src/host/cgroup/index.ts";
import { deviceProgram } from "../../src/isolation/cgroups/device-program.ts";
import { compile } from "../../src/isolation/compile.ts";
import { defaultDeviceRules } from "../../src/isolation/defaults.ts";
import type { Plan } from "../../src/isolation/plan.ts";
import type { DeviceRule, IsolationSpec, Resources } from "../../src/isolation/spec.ts";
import { eventually, frames, kill, launch, output } from "../native/harness.ts";
import { realSpec, runScript } from "./isolation.ts";

const cgroups = await createCgroups();
/** Only asked here: the containers of these tests have their own. */
const asked = `/docker-test-features-${process.pid}`;
const features = await cgroups.features(asked).finally(() => cgroups.remove(asked));
const { layout } = cgroups;

async function limited(t: TestContext, resources: Resources, deviceRules?: DeviceRule[]): Promise<IsolationSpec> {
  const { cgroup, ...spec } = await realSpec(t);
  const { deviceRules: _, ...rest } = cgroup;
  return { ...spec, cgroup: { ...rest, resources, ...(deviceRules && { deviceRules }) } };
}

/** Memory that cannot be swapped out either. */
function memory(megabytes: number): Resources {
  const bytes = megabytes << 20;
  return { memory: bytes, ...(features.swapLimit && { memorySwap: bytes }) };
}
const eatMemory = "tail /dev/zero";

/** Run a program in it while `look` looks; it is dead and its cgroup empty before this returns. */
async function whileRunning(spec: IsolationSpec, argv: string[], look: () => Promise<unknown>): Promise<void> {
  const run = launch(compile({ ...spec, process: { ...spec.process, argv } }));
  const started = await run.event("started");
  try {
    assert.ok(started, JSON.stringify(await Promise.race([run.events, "no event"])));
    await look();
  } finally {
    if (started) kill(Number(started.pid));
    await run.status;
  }
}

/** @param exit the event of that name */
function killsOf(exit: object | undefined): unknown {
  const counters = exit && "counters" in exit ? exit.counters : undefined;
  return typeof counters === "object" && counters !== null && "oom_kill" in counters ? counters.oom_kill : undefined;
}

test("a child that takes too much memory is killed and counted, though the first process ends as it likes", async (t) => {
  const { exitCode, events } = await runScript(await limited(t, memory(24)), `${eatMemory}; exit 3`);
  assert.equal(exitCode, 3);
  const exit = events.findLast(({ event }) => event === "exit");
  assert.equal(killsOf(exit), 1);
});

test("a container that keeps within its memory is not counted", async (t) => {
  const { exitCode, events } = await runScript(await limited(t, memory(64)), "true");
  assert.equal(exitCode, 0);
  assert.equal(killsOf(events.findLast(({ event }) => event === "exit")), 0);
});

test("processes over the limit cannot be forked", async (t) => {
  const spec = await limited(t, { pidsLimit: 4 });
  const { stderr } = await runScript(spec, "for i in 1 2 3 4 5 6; do sleep 100 & done");
  assert.match(stderr, /can't fork: Resource temporarily unavailable/);
});

test("limits are those asked for, from the first moment", async (t) => {
  const spec = await limited(t, { ...memory(64), pidsLimit: 50, cpuQuota: 50_000, cpuPeriod: 100_000, cpuShares: 512 });
  await whileRunning(spec, ["sleep", "600"], async () => {
    const sample = await cgroups.sample(spec.cgroup.path);
    assert.equal(sample?.memory.limit, 64 << 20);
    assert.equal(sample?.pids.limit, 50);
    assert.equal(sample?.pids.current, 1);
  });
});

test("a container with a part of a CPU is throttled", async (t) => {
  const spec = await limited(t, { cpuQuota: 5_000, cpuPeriod: 100_000 });
  await whileRunning(spec, ["sh", "-c", "while :; do :; done"], () =>
    eventually(async () => ((await cgroups.sample(spec.cgroup.path))?.cpu.throttledPeriods ?? 0) > 0),
  );
});

/** A node of no driver: what may open it hears ENXIO. And one that every container may open. */
const tryDevices = "mknod /dev/some c 1 10 && cat /dev/some; cat /dev/null && echo null";
const denied = /cat: can't open '\/dev\/some': Operation not permitted/;

test("a device that is not in the rules can be made and not opened", async (t) => {
  const { stdout, stderr } = await runScript(await limited(t, {}, [...defaultDeviceRules]), tryDevices);
  assert.match(stderr, denied);
  assert.equal(stdout, "null\n");
});

test("without rules every device can be opened", async (t) => {
  const { stdout, stderr } = await runScript(await limited(t, {}), tryDevices);
  assert.match(stderr, /No such device or address/);
  assert.equal(stdout, "null\n");
});

const unified = layout.version === "v1" && layout.unified;
test("on a hybrid host v2's program denies as v1's files do", { skip: !unified && "not a hybrid host" }, async (t) => {
  const spec = await limited(t, {});
  const program = deviceProgram(defaultDeviceRules);
  const { ops } = compile({ ...spec, process: { ...spec.process, argv: ["sh", "-c", tryDevices] } });
  const made = ops.findLastIndex(({ op }) => op === "cgroup_create");
  const attach: Plan["ops"][number] = {
    op: "cgroup_device_program",
    path: unified + spec.cgroup.path,
    program,
    stage: "launcher",
    phase: "cgroup",
  };
  const run = launch({ version: 1, ops: ops.toSpliced(made + 1, 0, attach) });
  const [, all] = await Promise.all([run.events, frames(run.channel)]);
  assert.match(output(all, 2), denied);
  assert.equal(output(all), "null\n");
});
