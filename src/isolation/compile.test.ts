import assert from "node:assert/strict";
import { test } from "node:test";
import { classicProgram } from "../kernel/bpf-classic.ts";
import { seccompReturn } from "../kernel/bpf-seccomp.ts";
import {
  MOUNT_ATTR_RDONLY,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_SLAVE,
} from "../kernel/mount-flags.ts";
import {
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from "../kernel/namespaces.ts";
import { compile } from "./compile.ts";
import { compileExec } from "./compile-exec.ts";
import type { OpName, Plan, PlannedOp } from "./plan.ts";
import { sampleExec, sampleProcess, sampleSpec } from "./sample-spec.ts";
import type { CgroupLayout, IsolationSpec, MountSpec, ProcessSpec } from "./spec.ts";

const filter = { program: new Uint8Array(8), flags: 0 };
const bind = (target: string, changes: Partial<Extract<MountSpec, { type: "bind" }>> = {}): MountSpec => ({
  type: "bind",
  source: `/host${target}`,
  target,
  readonly: false,
  recursive: true,
  recursiveReadonly: "if-possible",
  propagation: "rprivate",
  sourceKind: "dir",
  ...changes,
});
const layoutV1: CgroupLayout = {
  version: "v1",
  hierarchies: [
    { controllers: ["cpu", "cpuacct"], mountpoint: "/sys/fs/cgroup/cpu,cpuacct" },
    { controllers: ["memory"], mountpoint: "/sys/fs/cgroup/memory" },
    { controllers: ["devices"], mountpoint: "/sys/fs/cgroup/devices" },
    { controllers: ["name=systemd"], mountpoint: "/sys/fs/cgroup/systemd" },
  ],
};
const onV1 = (changes: Partial<IsolationSpec> = {}) => {
  const spec = sampleSpec(changes);
  return { ...spec, cgroup: { ...spec.cgroup, layout: layoutV1 } };
};

// -- order ------------------------------------------------------------------------------------------------------------

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

// -- namespaces -------------------------------------------------------------------------------------------------------

test("new namespaces are made by clone, all but cgroup", () => {
  assert.equal(only(full, "clone").flags, CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET);
});

test("the host's namespaces are neither made nor renamed", () => {
  const plan = compile(
    sampleSpec({ namespaces: { pid: "host", mnt: "new", uts: "host", ipc: "host", net: "host", cgroup: "host" } }),
  );
  assert.equal(only(plan, "clone").flags, CLONE_NEWNS);
  for (const op of ["setns", "sethostname", "netlink", "unshare"] as const) assert.deepEqual(all(plan, op), []);
});

test("a process whose namespaces are joined is opened once and entered once", () => {
  const pause = { pid: 10, startTime: 99 };
  const other = { pid: 11, startTime: 100 };
  const plan = compile(
    sampleSpec({ namespaces: { pid: pause, mnt: "new", uts: "new", ipc: other, net: pause, cgroup: "host" } }),
  );
  assert.deepEqual(
    all(plan, "open_process").map(({ slot, pid, startTime }) => [slot, pid, startTime]),
    [
      [0, 10, 99],
      [1, 11, 100],
    ],
  );
  assert.deepEqual(
    all(plan, "setns").map(({ stage, slot, flags }) => [stage, slot, flags]),
    [
      ["launcher", 0, CLONE_NEWPID],
      ["container", 0, CLONE_NEWNET],
      ["container", 1, CLONE_NEWIPC],
    ],
  );
  assert.ok(index(plan, "setns", 2) < index(plan, "mount"), "mqueue and sysfs show the joined namespaces");
});

test("in a user namespace: ids are mapped, the parent joins the cgroup, devices are bound", () => {
  const map = [{ containerId: 0, hostId: 100000, size: 65536 }];
  const spec = sampleSpec();
  const plan = compile({ ...spec, namespaces: { ...spec.namespaces, user: { uidMap: map, gidMap: map } } });
  assert.ok(only(plan, "clone").flags & CLONE_NEWUSER);
  assert.deepEqual(
    all(plan, "write_child_proc").map(({ path, data }) => [path, data]),
    [
      ["uid_map", "0 100000 65536\n"],
      ["gid_map", "0 100000 65536\n"],
    ],
  );
  assert.ok(all(plan, "cgroup_join").every((op) => op.stage !== "container"));
  // Nothing but what root inside may not do comes before.
  assert.deepEqual(container(plan).slice(0, 2), ["write_proc", "set_user"]);
  assert.deepEqual(all(plan, "mknod"), []);
  assert.ok(all(plan, "bind").some((op) => op.source === "/dev/null" && op.target === "/dev/null"));
});

test("with id-mapped files the host's root mounts root and binds, and the child only opens the root, before it is nobody there", () => {
  const map = [{ containerId: 0, hostId: 100000, size: 65536 }];
  const volume = {
    type: "bind",
    source: "/data/vol",
    target: "/v",
    readonly: false,
    recursive: true,
    recursiveReadonly: "no",
    propagation: "rprivate",
    sourceKind: "dir",
  } as const;
  const source = { type: "overlay", base: "/data", lowers: ["l"], upper: "u", work: "w", volatile: false } as const;
  const spec = sampleSpec({
    rootfs: { source: { ...source, lowers: ["l"] }, mountpoint: "/m", readonly: false },
    mounts: [volume, { ...volume, target: "/t/v" }, { type: "tmpfs", target: "/t", options: [] }],
  });
  const user = { uidMap: map, gidMap: map, idMapped: "/data" };
  const plan = compile({ ...spec, namespaces: { ...spec.namespaces, user } });
  const parent = plan.ops.filter(({ stage }) => stage === "parent").map(({ op }) => op);
  assert.deepEqual(parent.slice(parent.indexOf("enter_child_mounts"), parent.indexOf("leave_child_mounts")), [
    "enter_child_mounts",
    "propagation",
    "id_map_mount",
    "mount_overlay",
    "open_root",
    "bind",
  ]);
  const own = container(plan);
  assert.ok(own.indexOf("open_root") < own.indexOf("set_user"));
  assert.ok(!own.includes("mount_overlay"));
  // What lies on a mount of the child's is bound by the child, after it.
  const targets = plan.ops.flatMap((op) => (op.stage === "container" && "target" in op ? op.target : []));
  assert.ok(targets.indexOf("/t") < targets.indexOf("/t/v") && !targets.includes("/v"));
});

// -- root and mounts --------------------------------------------------------------------------------------------------

test("overlay options are relative to the base, quoted, and leave plain files in the upper directory", () => {
  const source = {
    type: "overlay",
    base: "/b",
    lowers: ["l:2", "l1"],
    upper: "u,p",
    work: "w",
    volatile: true,
  } as const;
  const plan = compile(
    sampleSpec({ rootfs: { source: { ...source, lowers: [...source.lowers] }, mountpoint: "/m", readonly: false } }),
  );
  const op = only(plan, "mount_overlay");
  assert.equal(
    op.data,
    "lowerdir=l\\:2:l1,upperdir=u\\,p,workdir=w,redirect_dir=nofollow,metacopy=off,index=off,volatile",
  );
  assert.deepEqual([op.base, op.target, only(plan, "open_root").path], ["/b", "/m", "/m"]);
});

test("the mounts of a plain container are docker's", () => {
  const mounts = all(compile(sampleSpec()), "mount").map((op) => [op.target, op.type, op.data]);
  assert.deepEqual(mounts, [
    ["/proc", "proc", ""],
    ["/dev", "tmpfs", "mode=755,size=65536k"],
    ["/dev/pts", "devpts", "newinstance,ptmxmode=0666,mode=0620,gid=5"],
    ["/dev/shm", "tmpfs", "mode=1777,size=67108864"],
    ["/dev/mqueue", "mqueue", ""],
    ["/sys", "sysfs", ""],
    ["/sys/fs/cgroup", "cgroup2", ""],
  ]);
});

test("/sys and cgroups are read-only, unless privileged", () => {
  const readonly = (privileged: boolean) =>
    all(compile(sampleSpec({ privileged })), "mount")
      .filter((op) => op.flags & MS_RDONLY)
      .map((op) => op.target);
  assert.deepEqual(readonly(false), ["/sys", "/sys/fs/cgroup"]);
  assert.deepEqual(readonly(true), []);
});

test("cgroup v1: a bind of our own part of each hierarchy, links for comounts, then the folder read-only", () => {
  const ops = compile(onV1()).ops.filter((op) => "target" in op && JSON.stringify(op).includes('"/sys/fs/cgroup'));
  assert.deepEqual(
    ops.map((op) => [
      op.op,
      "source" in op ? op.source : "",
      op.op === "symlink" ? op.path : "target" in op && op.target,
    ]),
    [
      ["mount", "tmpfs", "/sys/fs/cgroup"],
      ["bind", "/sys/fs/cgroup/cpu,cpuacct/docker/box", "/sys/fs/cgroup/cpu,cpuacct"],
      ["symlink", "", "/sys/fs/cgroup/cpu"],
      ["symlink", "", "/sys/fs/cgroup/cpuacct"],
      ["bind", "/sys/fs/cgroup/memory/docker/box", "/sys/fs/cgroup/memory"],
      ["bind", "/sys/fs/cgroup/devices/docker/box", "/sys/fs/cgroup/devices"],
      ["bind", "/sys/fs/cgroup/systemd/docker/box", "/sys/fs/cgroup/systemd"],
      ["mount", "", "/sys/fs/cgroup"],
    ],
  );
  assert.ok(ops.every((op) => op.op !== "bind" || op.attrSet & MOUNT_ATTR_RDONLY));
});

test("cgroup v1 with a cgroup namespace: mounts of our own, by controller", () => {
  const spec = onV1();
  const plan = compile({ ...spec, namespaces: { ...spec.namespaces, cgroup: "new" } });
  const mounts = all(plan, "mount").filter((op) => op.type === "cgroup");
  assert.deepEqual(
    mounts.map((op) => op.data),
    ["cpu,cpuacct", "memory", "devices", "name=systemd"],
  );
});

test("a user's mount takes the place of a default one", () => {
  const mounts: MountSpec[] = [
    { type: "tmpfs", target: "/dev/shm", options: ["size=1m"] },
    bind("/sys/fs/cgroup"),
    bind("/proc"),
  ];
  const plan = compile(sampleSpec({ mounts }));
  const placed = plan.ops.flatMap((op) => (op.op === "mount" || op.op === "bind" ? [`${op.op} ${op.target}`] : []));
  assert.equal(placed[0], "bind /proc");
  for (const target of ["/dev/shm", "/sys/fs/cgroup", "/proc"]) {
    assert.equal(placed.filter((entry) => entry.endsWith(` ${target}`)).length, 1, target);
  }
  assert.equal(all(plan, "mount").find((op) => op.target === "/dev/shm")?.data, "size=1m");
});

test("a host's /dev comes with its own nodes, a tmpfs on /dev gets ours", () => {
  const bound = compile(sampleSpec({ mounts: [bind("/dev")] }));
  assert.deepEqual(all(bound, "mknod"), []);
  assert.ok(!all(bound, "mount").some((op) => op.target.startsWith("/dev")));
  const tmpfs = compile(sampleSpec({ mounts: [{ type: "tmpfs", target: "/dev", options: [] }] }));
  assert.equal(all(tmpfs, "mknod").length, 6);
  assert.ok(index(tmpfs, "mount") < index(tmpfs, "mknod"));
});

test("shared memory: own, none, of the host, of the container whose IPC namespace is joined", () => {
  const spec = sampleSpec();
  const shm = (changes: Partial<IsolationSpec>) =>
    compile({ ...spec, ...changes }).ops.flatMap((op) => ("target" in op && op.target === "/dev/shm" ? [op.op] : []));
  assert.deepEqual(shm({}), ["mount"]);
  assert.deepEqual(shm({ shmSize: 0 }), []);
  assert.deepEqual(shm({ namespaces: { ...spec.namespaces, ipc: "host" } }), ["bind"]);
  const ipc = { pid: 10, startTime: 99 };
  assert.deepEqual(shm({ shmSize: 0, namespaces: { ...spec.namespaces, ipc } }), ["bind_process"]);
});

test("a shared bind leaves the host's mounts as peers, and cuts only the root's own place loose", () => {
  const flags = (mounts: MountSpec[]) =>
    all(compile(sampleSpec({ mounts })), "propagation").map((op) => [op.path, op.flags]);
  assert.deepEqual(flags([bind("/v", { propagation: "rslave" })]), [["/", MS_SLAVE | MS_REC]]);
  assert.deepEqual(flags([bind("/v", { propagation: "rshared" })]), [["/run/root", MS_PRIVATE]]);
});

test("tmpfs: noexec, nosuid and nodev unless told otherwise, the last word wins", () => {
  const plan = compile(
    sampleSpec({
      mounts: [
        { type: "tmpfs", target: "/a", options: [] },
        { type: "tmpfs", target: "/b", options: ["rw", "exec", "size=1m", "mode=700", "size=2m"] },
      ],
    }),
  );
  const [a, b] = all(plan, "mount").slice(-2);
  assert.deepEqual([a?.flags, a?.data], [MS_NOEXEC | MS_NOSUID | MS_NODEV, ""]);
  assert.deepEqual([b?.flags, b?.data], [MS_NOSUID | MS_NODEV, "size=2m,mode=700"]);
});

test("read-only binds: with or without what is mounted below", () => {
  const attributes = (changes: Parameters<typeof bind>[1]) => {
    const op = all(compile(sampleSpec({ mounts: [bind("/v", changes)] })), "bind").at(-1);
    return [op?.attrSet, op?.attrRecursive, op?.recursive];
  };
  assert.deepEqual(attributes({}), [0, false, true]);
  assert.deepEqual(attributes({ readonly: true }), [MOUNT_ATTR_RDONLY, true, true]);
  assert.deepEqual(attributes({ readonly: true, recursiveReadonly: "no" }), [MOUNT_ATTR_RDONLY, false, true]);
  assert.deepEqual(attributes({ readonly: true, recursive: false }), [MOUNT_ATTR_RDONLY, false, false]);
  assert.throws(() => attributes({ options: ["size=1m"] }), /invalid option for a bind mount: "size=1m"/);
});

const sixNodes = ["null", "zero", "full", "random", "urandom", "tty"].map((name) => `/dev/${name}`);
test("devices get their folders; ptmx and console stay the container's own", () => {
  const node = (path: string) => ({ path, type: "c" as const, major: 1, minor: 2, mode: 0o600, uid: 0, gid: 6 });
  const plan = compile(
    sampleSpec({ devices: ["/dev/bus/usb/001", "/dev/ptmx", "/dev/console", "/dev/null"].map(node) }),
  );
  assert.deepEqual(
    all(plan, "mkdir").map((op) => op.path),
    ["/etc", "/dev/bus", "/dev/bus/usb"],
  );
  const nodes = all(plan, "mknod").map((op) => op.path);
  assert.deepEqual(nodes.toSorted(), [...sixNodes, "/dev/bus/usb/001"].toSorted());
  assert.ok(!nodes.includes("/dev/ptmx") && !nodes.includes("/dev/console"));
});

// -- values that Linux has no word for -----------------------------------------------------------------------------------

test("sysctl names become paths below /proc/sys and nothing else", () => {
  const path = (name: string) => all(compile(sampleSpec({ sysctls: { [name]: "1" } })), "write_proc")[0]?.path;
  assert.equal(path("net.ipv4.ip_forward"), "/proc/sys/net/ipv4/ip_forward");
  assert.equal(path("net/ipv4/conf/eth0.1/forwarding"), "/proc/sys/net/ipv4/conf/eth0.1/forwarding");
  assert.equal(path("net.ipv4.conf.eth0/1.forwarding"), "/proc/sys/net/ipv4/conf/eth0.1/forwarding");
  for (const name of ["", "net..x", "../x", "net/../../x", "/net/x"]) assert.throws(() => path(name), /invalid sysctl/);
});

test("unknown capabilities and limits are refused", () => {
  const process = sampleProcess();
  const bounding = ["SYS_NOTHING"];
  assert.throws(() =>
    compile(sampleSpec({ process: { ...process, capabilities: { ...process.capabilities, bounding } } })),
  );
  const rlimits = [{ resource: "nothing", soft: 1, hard: 1, required: true }];
  assert.throws(() => compile(sampleSpec({ process: { ...process, rlimits } })), /invalid ulimit type: nothing/);
});

test("a score of 0 is the default and may fail, another one was asked for", () => {
  const optional = (oomScoreAdj?: number) =>
    all(compile(sampleSpec({ sysctls: {}, process: sampleProcess({ oomScoreAdj }) })), "write_proc").map(
      (op) => op.optional,
    );
  assert.deepEqual(optional(0), [true]);
  assert.deepEqual(optional(-500), [false]);
  assert.deepEqual(optional(undefined), []);
});

// -- exec -----------------------------------------------------------------------------------------------------------------

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

test("the same spec gives the same plan", () => assert.deepEqual(compile(sampleSpec()), compile(sampleSpec())));

// -- reading plans --------------------------------------------------------------------------------------------------------

function all<N extends OpName>(plan: Plan, name: N): (PlannedOp & { op: N })[] {
  return plan.ops.filter((op): op is PlannedOp & { op: N } => op.op === name);
}

function only<N extends OpName>(plan: Plan, name: N): PlannedOp & { op: N } {
  const [op, ...others] = all(plan, name);
  assert.ok(op && others.length === 0, `one ${name} in the plan`);
  return op;
}

function index(plan: Plan, name: OpName, nth = 0): number {
  return plan.ops.indexOf(all(plan, name)[nth] as PlannedOp);
}

function container(plan: Plan): OpName[] {
  return plan.ops.filter((op) => op.stage === "container").map((op) => op.op);
}
