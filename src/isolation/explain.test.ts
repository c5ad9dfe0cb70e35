import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { compile } from "./compile.ts";
import { compileExec } from "./compile-exec.ts";
import { compileFiles } from "./compile-files.ts";
import { explainOp, explainPlan } from "./explain.ts";
import type { Op } from "./plan.ts";
import { sampleExec, sampleProcess, sampleSpec } from "./sample-spec.ts";

const pause = { pid: 10, startTime: 99 };
const spec = sampleSpec();
const plans = [
  compile(spec),
  compile({
    ...spec,
    namespaces: { ...spec.namespaces, cgroup: "new", uts: pause },
    rootfs: { ...spec.rootfs, readonly: true },
    mounts: [
      { type: "tmpfs", target: "/it's here", options: [] },
      {
        type: "bind",
        source: "/my data",
        subpath: "sub",
        target: "/data",
        readonly: true,
        recursive: true,
        recursiveReadonly: "force",
        propagation: "rprivate",
        sourceKind: "dir",
      },
    ],
    network: { host: [{ label: "veth pair", messages: new Uint8Array(4) }], container: [] },
    process: sampleProcess({
      terminal: { rows: 24, cols: 80 },
      cwd: "/work",
      argv: ["sh", "-c", "echo 'it is'"],
      init: true,
      noNewPrivileges: true,
      seccomp: { program: new Uint8Array(80), flags: 0 },
      rlimits: [{ resource: "nofile", soft: 10, hard: -1, required: true }],
    }),
  }),
  compileExec(sampleExec()),
  ...(["stat", "read", "write"] as const).map((action) =>
    compileFiles(
      { kind: "process", process: pause },
      { action, path: "/it's", ownFileSystem: false, content: true, keepKinds: false },
    ),
  ),
];
const rare: Op[] = [
  { op: "log_json", path: "/l", maxSize: 1, maxFiles: 2, compress: false, attrs: "" },
  { op: "setns_path", path: "/run/netns/x", flags: 0x40000000 },
  { op: "write_child_proc", path: "uid_map", data: "0 1 2\n" },
  { op: "own_stdio", uid: 1, gid: 2 },
  { op: "enter_child_mounts", uid: 1, gid: 2 },
  { op: "id_map_mount", path: "/data" },
  { op: "leave_child_mounts" },
  { op: "setdomainname", name: "d" },
  { op: "bind_process", slot: 0, source: "/dev/shm", target: "/dev/shm" },
  { op: "cgroup_device_program", path: "/c", program: new Uint8Array(16) },
];
const explained = [
  ...plans.flatMap((plan) => explainPlan(plan).flatMap((group) => group.rows)),
  ...rare.map(explainOp),
];

test("every sentence is one, every man page has a section", () => {
  for (const { sentence, manPage } of explained) {
    assert.match(sentence, /^[A-Z][^\n]*\.$/);
    assert.doesNotMatch(sentence, /undefined|NaN|\[object/);
    assert.match(manPage, /^[a-zA-Z_]\w*\(\d\w*\)$/);
  }
});

test("every command is one that a shell can read", () => {
  for (const { shell } of explained) {
    const { status, stderr } = spawnSync("sh", ["-n", "-c", shell], { encoding: "utf8" });
    assert.equal(status, 0, `${shell}\n${stderr}`);
  }
});

test("rows keep the order of the plan, grouped where stage and phase stay the same, with their times", () => {
  const plan = compile(spec);
  const groups = explainPlan(plan, [[0, 12]]);
  const rows = groups.flatMap((group) => group.rows);
  assert.deepEqual(
    rows.map((row) => row.op),
    plan.ops,
  );
  assert.deepEqual(
    rows.map((row) => row.index),
    plan.ops.map((_, index) => index),
  );
  assert.equal(rows[0]?.microseconds, 12);
  assert.equal(rows[1]?.microseconds, undefined);
  for (const [index, group] of groups.entries()) {
    const before = groups[index - 1];
    assert.ok(before?.stage !== group.stage || before.phase !== group.phase);
  }
});

test("masks, flags and numbers are told by name", () => {
  const say = (op: Op) => explainOp(op).sentence;
  assert.equal(
    say({ op: "clone", flags: 0x20020000 }),
    "Make the child process, with new mount and PID namespaces; it waits until the host's part is done.",
  );
  assert.match(
    say({ op: "capabilities", effective: "1025", permitted: "1025", inheritable: "0", ambient: "0" }),
    /CHOWN and NET_BIND_SERVICE/,
  );
  assert.match(say({ op: "rlimit", resource: 7, soft: 5, hard: -1, optional: false }), /nofile to 5;.* unlimited/);
  assert.match(say({ op: "propagation", path: "/", flags: (1 << 19) | 16384 }), /all mounts as rslave/);
});
