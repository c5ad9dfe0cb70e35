import assert from "node:assert/strict";
import { test } from "node:test";
import { bind, container, filter } from "./compile.fixture.ts";
import { compile } from "./compile.ts";
import { compileExec } from "./compile-exec.ts";
import type { OpName } from "./plan.ts";
import { sampleExec, sampleProcess, sampleSpec } from "./sample-spec.ts";

/** Everything at once, so that the order of all is seen. */
const full = compile(
  sampleSpec({
    namespaces: { pid: "new", mnt: "new", uts: "new", ipc: "new", net: "new", cgroup: "new" },
    rootfs: { ...sampleSpec().rootfs, readonly: true },
    mounts: [bind("/data/deep/er"), bind("/data"), { type: "tmpfs", target: "/tmp", options: ["size=1m"] }],
    cgroup: { ...sampleSpec().cgroup, resources: { pidsLimit: 9 } },
    network: {
      host: [{ label: "veth", messages: new Uint8Array(4) }],
      container: [{ label: "lo", messages: new Uint8Array(4) }],
    },
    process: sampleProcess({
      terminal: { rows: 24, cols: 80 },
      cwd: "/work",
      seccomp: filter,
      init: true,
      rlimits: [{ resource: "nofile", soft: 10, hard: 20, required: true }],
    }),
  }),
);

test("the stages follow each other", () => {
  const stages = ["launcher", "parent", "container", "exit"];
  const seen = full.ops.map((op) => stages.indexOf(op.stage));
  assert.deepEqual(seen, seen.toSorted());
});

/** [before, after, why]: every one of the first comes before every one of the second. */
const orders: [OpName, OpName, string][] = [
  ["exit_record", "clone", "a death is recorded from the first moment on"],
  ["cgroup_create", "cgroup_join", "no cgroup is joined before it is there"],
  ["write_file", "cgroup_join", "nothing runs without its limits"],
  ["cgroup_device_program", "cgroup_join", "nothing runs without its device rules"],
  ["cgroup_join", "unshare", "a cgroup is joined before the cgroup namespace is made: its root is where we stand"],
  ["netlink", "write_proc", "sysctls of interfaces come after the interfaces"],
  ["write_proc", "open_root", "no file of the image takes part in writing to /proc"],
  ["propagation", "mount_overlay", "no mount shows on the host"],
  ["mount_overlay", "open_root", "the root that is opened is the mounted one"],
  ["open_root", "mount", "mounts resolve inside the root"],
  ["mount", "pty", "the pty is of the container's own devpts"],
  ["bind", "pivot_root", "sources are host paths"],
  ["mkdir", "readonly_root", "the working directory is made while the root is writable"],
  ["mount", "readonly_root", "the read-only remount comes after every mount"],
  ["bind", "readonly_root", "the read-only remount comes after every mount"],
  ["bind", "mask", "no user mount uncovers a masked path"],
  ["readonly_path", "mask", "what is masked is masked to the end"],
  ["mask", "chdir", "no working directory lies beneath a mask"],
  ["pivot_root", "chdir", "the working directory is of the new root"],
  ["close_range", "seccomp", "the filter need not know close_range(2)"],
  ["rlimit", "set_user", "root raises the limits"],
  ["seccomp", "cap_bounding", "without no_new_privs the filter needs CAP_SYS_ADMIN"],
  ["cap_bounding", "set_user", "the bounding set needs CAP_SETPCAP"],
  ["set_user", "capabilities", "capabilities are set for the user that there is"],
  ["capabilities", "init", "PID 1 has no more power than the program"],
  ["init", "execve", "execve is last"],
  ["cgroup_kill", "read_counter", "the counter is read when all are dead"],
  ["read_counter", "cgroup_remove", "the counter is read while it is there"],
];
for (const [before, after, why] of orders) {
  test(`${before} before ${after}: ${why}`, () => {
    const last = full.ops.findLastIndex((op) => op.op === before);
    const first = full.ops.findIndex((op) => op.op === after);
    assert.ok(last >= 0 && first >= 0, "both are in the plan");
    assert.ok(last < first, `${before} at ${last}, ${after} at ${first}`);
  });
}

test("with no_new_privs the filter comes after the capabilities, right before execve", () => {
  const plan = compile(sampleSpec({ process: sampleProcess({ noNewPrivileges: true, seccomp: filter }) }));
  assert.deepEqual(container(plan).slice(-6), [
    "no_new_privs",
    "cap_bounding",
    "set_user",
    "capabilities",
    "seccomp",
    "execve",
  ]);
});

test("clone ends stage launcher, execve ends stage container, in every plan", () => {
  for (const plan of [full, compile(sampleSpec()), compileExec(sampleExec())]) {
    assert.equal(plan.ops.filter((op) => op.stage === "launcher").at(-1)?.op, "clone");
    assert.equal(container(plan).at(-1), "execve");
  }
});

test("user mounts come after the defaults, shallow ones first", () => {
  const targets = full.ops.flatMap((op) => (op.op === "mount" || op.op === "bind" ? [op.target] : []));
  assert.deepEqual(targets.slice(-3), ["/data", "/tmp", "/data/deep/er"]);
  assert.ok(targets.indexOf("/sys/fs/cgroup") < targets.indexOf("/data"));
});
