import assert from "node:assert/strict";
import { test } from "node:test";
import { classicProgram } from "../kernel/bpf-classic.ts";
import { seccompReturn } from "../kernel/bpf-seccomp.ts";
import { CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUTS } from "../kernel/namespaces.ts";
import { only } from "./compile.fixture.ts";
import { compileExec } from "./compile-exec.ts";
import { sampleExec, sampleProcess } from "./sample-spec.ts";
import type { ProcessSpec } from "./spec.ts";

test("exec: cgroup first, then the namespaces, then the container's root", () => {
  const plan = compileExec(sampleExec({ process: sampleProcess({ terminal: { rows: 1, cols: 1 } }) }));
  assert.deepEqual(
    plan.ops.map((op) => op.op),
    [
      ...["listen", "stdio", "open_process", "cgroup_join", "clone"],
      ...["write_proc", "setns", "chroot_process", "pty"],
      ...["chdir", "close_range", "umask", "cap_bounding", "set_user", "capabilities", "hand_over", "execve"],
      "unlink",
    ],
  );
  assert.equal(only(plan, "clone").flags, 0);
  const flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET;
  assert.equal(only(plan, "setns").flags, flags | CLONE_NEWPID);
  assert.equal(only(plan, "pty").console, false);
});

test("exec: who comes to be seen inside has no power any more, unless a filter forbids its birth", () => {
  const order = (changes: Partial<ProcessSpec>) =>
    compileExec(sampleExec({ process: sampleProcess(changes) })).ops.flatMap(({ op }) =>
      ["clone", "setns", "seccomp", "capabilities", "hand_over"].includes(op) ? [op] : [],
    );
  const [allow, refuse] = [classicProgram(), classicProgram()];
  const permissive = { program: allow.encode(allow.ret(seccompReturn.allow)), flags: 0 };
  const strict = { program: refuse.encode(refuse.ret(seccompReturn.errno)), flags: 0 };
  const heir = ["clone", "setns", "seccomp", "capabilities", "hand_over"];
  assert.deepEqual(order({ seccomp: permissive }), heir);
  assert.deepEqual(order({ seccomp: strict }), ["setns", "clone", "setns", "seccomp", "capabilities"]);
  // With no_new_privs the filter can wait.
  const afterwards = ["clone", "setns", "capabilities", "hand_over", "seccomp"];
  assert.deepEqual(order({ seccomp: strict, noNewPrivileges: true }), afterwards);
  // Where nobody may trace, not being dumpable is enough.
  const direct = compileExec(sampleExec({ mayBeTraced: false })).ops.map(({ op }) => op);
  assert.ok(!direct.includes("hand_over") && direct.indexOf("setns") < direct.indexOf("clone"));
});
