/**
 * Proof that the plan is all there is: the launcher under strace makes no call that changes the system, from the plan's arrival
 * to the container's execve, that is not part of an operation of the plan, in the plan's order.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { compile } from "../../src/isolation/compile.ts";
import { compileExec } from "../../src/isolation/compile-exec.ts";
import type { Plan, PlannedOp, Stage } from "../../src/isolation/plan.ts";
import { sampleExec, sampleProcess } from "../../src/isolation/sample-spec.ts";
import { compileSeccomp, defaultSeccompProfile, seccompArch } from "../../src/isolation/seccomp/index.ts";
import { encodeRequests } from "../../src/kernel/netlink.ts";
import { setLink } from "../../src/kernel/netlink-link.ts";
import { realSpec } from "../kernel/isolation.ts";
import { binary, frames, launch, scratch } from "../native/harness.ts";
import { until } from "../support/until.ts";
import { claims, mustBeSeen } from "./claims.ts";
import { type Call, isOwn, readTrace } from "./trace.ts";

type Traced = { plan: Plan; calls: Call[]; root: string };
const PROVED = { unexplained: [], unseen: [] };

test("the plan is all that the launcher does", async (t) => {
  const { plan, calls, root } = await trace(t);
  await t.test("every change before execve belongs to an operation, in order; every operation was carried out", () => {
    assert.deepEqual(compare({ plan, calls, root }), PROVED);
    assert.ok(calls.length > 300);
  });

  await t.test("a plan that hides an operation is caught, whichever it is", () => {
    for (const hidden of HIDDEN) {
      const ops = plan.ops.filter(({ op }) => op !== hidden);
      assert.ok(ops.length < plan.ops.length, hidden);
      assert.notDeepEqual(compare({ plan: { ...plan, ops }, calls, root }).unexplained, [], hidden);
    }
  });

  await t.test("a plan in another order is caught", () => {
    const hostname = plan.ops.filter(({ op }) => op === "sethostname");
    const others = plan.ops.filter(({ op }) => op !== "sethostname");
    const late = others.findIndex(({ op }) => op === "pivot_root") + 1;
    const ops = [...others.slice(0, late), ...hostname, ...others.slice(late)];
    assert.notDeepEqual(compare({ plan: { ...plan, ops }, calls, root }), PROVED);
  });
});

const HIDDEN = [
  "clone",
  "sethostname",
  "write_file",
  "write_proc",
  "mount_overlay",
  "mount",
  "mknod",
  "symlink",
  "pivot_root",
  "readonly_path",
  "mask",
  "readonly_root",
  "seccomp",
  "capabilities",
  "cap_bounding",
  "set_user",
  "netlink",
  "rlimit",
];

test("the plan of an exec is all that the launcher does, whoever ends and whoever goes on", async (t) => {
  const base = await realSpec(t);
  const run = launch(compile({ ...base, process: sampleProcess({ argv: ["sleep", "1000"] }) }));
  const started = await run.event("started");
  assert.ok(started);
  const arch = seccompArch(process.arch) ?? assert.fail("no tables for this machine");
  const capabilities = sampleProcess().capabilities.bounding;
  const plan = compileExec(
    sampleExec({
      target: { pid: Number(started.pid), startTime: Number(started.startTime) },
      cgroup: base.cgroup,
      process: sampleProcess({
        argv: ["true"],
        uid: 1000,
        gid: 50,
        seccomp: compileSeccomp(defaultSeccompProfile, { arch, capabilities, kernel: "6.1.0" }),
      }),
      monitor: { socket: "", exitRecord: "", log: null, attached: true },
    }),
  );
  const calls = await straced(t, plan);
  process.kill(Number(started.pid), "SIGKILL");
  await run.status;
  assert.deepEqual(compare({ plan, calls, root: "" }), PROVED);
  for (const hidden of ["setns", "chroot_process", "cgroup_join", "seccomp", "capabilities", "set_user", "hand_over"]) {
    const ops = plan.ops.filter(({ op }) => op !== hidden);
    const { unexplained } = compare({ plan: { ...plan, ops }, calls, root: "" });
    if (plan.ops.some(({ op, stage }) => op === hidden && stage === "container"))
      assert.notDeepEqual(unexplained, [], hidden);
  }
});

/** With this test in systemd's place, as in tests/native/scope.test.ts. */
test("the plan of a container in a scope is all that the launcher and the keeper do", async (t) => {
  const base = await realSpec(t);
  const unified = "/sys/fs/cgroup/unified";
  const mountpoint = existsSync(unified) ? unified : "/sys/fs/cgroup";
  const path = `/docker-${randomBytes(6).toString("hex")}.scope`;
  const scope = mountpoint + path;
  t.after(async () => {
    const ended = () => !existsSync(scope) || /populated 0/.test(readFileSync(`${scope}/cgroup.events`, "utf8"));
    await until(ended, { what: "the scope is empty" });
    for (const directory of [`${scope}/cloche-keeper`, scope]) if (existsSync(directory)) rmdirSync(directory);
  });
  const layout = { version: "v2" as const, mountpoint, controllers: [] };
  const plan = compile({
    ...base,
    cgroup: { layout, path, resources: {} },
    process: sampleProcess({ argv: ["true"] }),
  });
  const calls = await straced(t, plan, (keeper) => {
    mkdirSync(scope);
    writeFileSync(`${scope}/cgroup.procs`, String(keeper));
  });
  const root = base.rootfs.mountpoint;
  assert.deepEqual(compare({ plan, calls, root }), PROVED);
  const ops = plan.ops.filter(({ op }) => op !== "cgroup_keep");
  const { unexplained } = compare({ plan: { ...plan, ops }, calls, root });
  for (const call of [/^clone/, /^close_range\(0, /, /^mkdir.*cloche-keeper"/, /cloche-keeper\/cgroup\.procs/])
    assert.ok(
      unexplained.some((text) => call.test(text)),
      `${call} is not missed in ${unexplained}`,
    );
});

/** The launcher's calls while it carries the plan out. @param keep what systemd does with a keeper */
async function straced(t: TestContext, plan: Plan, keep?: (pid: number) => void): Promise<Call[]> {
  const directory = scratch(t);
  const [output, wrapper] = [join(directory, "trace"), join(directory, "launcher")];
  writeFileSync(wrapper, `#!/bin/sh\nexec strace -f -yy -s 4096 -o ${output} ${binary}\n`);
  chmodSync(wrapper, 0o755);
  const run = launch(plan, wrapper);
  if (keep) void run.event("keeper").then((event) => keep(Number(event?.pid)));
  const [events] = await Promise.all([run.events, frames(run.channel), run.status]);
  assert.ok(
    events.some(({ event }) => event === "started"),
    JSON.stringify(events),
  );
  return readTrace(output);
}

async function trace(t: TestContext): Promise<Traced> {
  const base = await realSpec(t);
  const arch = seccompArch(process.arch) ?? assert.fail("no tables for this machine");
  const capabilities = sampleProcess().capabilities.bounding;
  const plan = compile({
    ...base,
    rootfs: { ...base.rootfs, readonly: true },
    cgroup: { ...base.cgroup, resources: { memory: 64 * 1024 * 1024, pidsLimit: 50 } },
    mounts: [{ type: "tmpfs", target: "/cache", options: ["size=1m"] }],
    network: {
      host: [],
      container: [{ label: "lo up", messages: encodeRequests([setLink({ name: "lo", up: true })]) }],
    },
    process: sampleProcess({
      argv: ["true"],
      uid: 1000,
      gid: 50,
      rlimits: [{ resource: "nofile", soft: 100, hard: 200, required: true }],
      seccomp: compileSeccomp(defaultSeccompProfile, { arch, capabilities, kernel: "6.1.0" }),
    }),
  });
  return {
    plan,
    calls: await straced(t, plan),
    root: base.rootfs.source.type === "overlay" ? base.rootfs.mountpoint : "",
  };
}

/** Walk the calls of each process along the stages that are its own. */
function compare({ plan, calls, root }: Traced): { unexplained: string[]; unseen: string[] } {
  const launcher = calls[0]?.pid;
  const keeper = calls.find(
    ({ name, args }) => name === "prctl" && args.startsWith('PR_SET_NAME, "cloche:keeper"'),
  )?.pid;
  const execve = calls.findLastIndex(({ name, pid }) => name === "execve" && pid !== launcher);
  // The launcher's own beginning: it is exec'd and leaves the engine's session.
  const begun = calls.findIndex(({ name, pid }) => name === "setsid" && pid === launcher);
  const before = calls.slice(begun + 1, execve + 1).filter((call) => !isOwn(call));
  const walks = [
    walk(
      before.filter(({ pid }) => pid === launcher),
      stages(plan, "launcher", "parent"),
      root,
    ),
    walk(
      before.filter(({ pid }) => pid !== launcher && pid !== keeper),
      stages(plan, "container"),
      root,
    ),
  ];
  // It is beside the launcher from its one operation on.
  const keeps = plan.ops.filter(({ op }) => op === "cgroup_keep");
  const own = before.filter(({ pid }) => pid === keeper);
  return {
    unexplained: [...walks.flatMap(({ unexplained }) => unexplained), ...walk(own, keeps, root).unexplained],
    unseen: walks.flatMap(({ unseen }) => unseen),
  };
}

const stages = ({ ops }: Plan, ...names: Stage[]) => ops.filter(({ stage }) => names.includes(stage));

/** Each call belongs to the operation at hand or to a later one, never to one that is over. */
function walk(
  calls: readonly Call[],
  ops: readonly PlannedOp[],
  root: string,
): { unexplained: string[]; unseen: string[] } {
  const seen = new Set<PlannedOp>();
  const unexplained: string[] = [];
  let at = 0;
  for (const call of calls) {
    const found = ops.findIndex((op, index) => index >= at && claims(op, call, root));
    const op = ops[found];
    if (op === undefined) {
      unexplained.push(`${call.name}(${call.args.slice(0, 200)})`);
      continue;
    }
    at = found;
    seen.add(op);
  }
  return {
    unexplained,
    unseen: ops.filter((op) => mustBeSeen(op) && !seen.has(op)).map((op) => JSON.stringify(op).slice(0, 200)),
  };
}
