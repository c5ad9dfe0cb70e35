import assert from "node:assert/strict";
import { test } from "node:test";
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
import { all, bind, index, only, onV1 } from "./compile.fixture.ts";
import { compile } from "./compile.ts";
import { sampleSpec } from "./sample-spec.ts";
import type { IsolationSpec, MountSpec } from "./spec.ts";

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
