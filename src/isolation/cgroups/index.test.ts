import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlannedOp } from "../plan.ts";
import type { CgroupLayout, Resources } from "../spec.ts";
import { cgroupExitOps, cgroupJoinOps, cgroupLimitOps, limitWrites, missingControllers } from "./index.ts";
import { cgroupPath } from "./path.ts";
import { cpuWeight, ioWeight } from "./v2.ts";

const v1: CgroupLayout = {
  version: "v1",
  hierarchies: [
    { controllers: ["cpu", "cpuacct"], mountpoint: "/cg/cpu,cpuacct" },
    { controllers: ["cpuset"], mountpoint: "/cg/cpuset" },
    { controllers: ["memory"], mountpoint: "/cg/memory" },
    { controllers: ["devices"], mountpoint: "/cg/devices" },
    { controllers: ["pids"], mountpoint: "/cg/pids" },
    { controllers: ["blkio"], mountpoint: "/cg/blkio" },
    { controllers: ["name=systemd"], mountpoint: "/cg/systemd" },
  ],
  unified: "/cg/unified",
};
const v2: CgroupLayout = { version: "v2", mountpoint: "/cg", controllers: ["cpuset", "cpu", "io", "memory", "pids"] };
const path = "/docker/abc";

/** The writes of a plan as people would type them. */
function written(ops: PlannedOp[]): string[] {
  return ops.flatMap((op) => (op.op === "write_file" ? [`echo ${op.data} > ${op.path}`] : []));
}
function writtenFor(layout: CgroupLayout, resources: Resources): string[] {
  return written(cgroupLimitOps({ layout, path, resources }));
}

test("the same limits, in v1's files and in v2's", () => {
  const resources: Resources = {
    cpuQuota: 50_000,
    cpuPeriod: 100_000,
    cpuShares: 512,
    cpusetCpus: "0-1",
    memory: 64 << 20,
    memorySwap: 128 << 20,
    memoryReservation: 32 << 20,
    pidsLimit: 100,
    blkioThrottle: [{ kind: "read_bps", major: 8, minor: 0, rate: 1048576 }],
  };
  assert.deepEqual(writtenFor(v1, resources), [
    "echo 0-1 > /cg/cpuset/docker/abc/cpuset.cpus",
    "echo 512 > /cg/cpu,cpuacct/docker/abc/cpu.shares",
    "echo 100000 > /cg/cpu,cpuacct/docker/abc/cpu.cfs_period_us",
    "echo 50000 > /cg/cpu,cpuacct/docker/abc/cpu.cfs_quota_us",
    "echo 67108864 > /cg/memory/docker/abc/memory.limit_in_bytes",
    "echo 134217728 > /cg/memory/docker/abc/memory.memsw.limit_in_bytes",
    "echo 33554432 > /cg/memory/docker/abc/memory.soft_limit_in_bytes",
    "echo 100 > /cg/pids/docker/abc/pids.max",
    "echo 8:0 1048576 > /cg/blkio/docker/abc/blkio.throttle.read_bps_device",
  ]);
  assert.deepEqual(writtenFor(v2, resources), [
    "echo 0-1 > /cg/docker/abc/cpuset.cpus",
    "echo 59 > /cg/docker/abc/cpu.weight",
    "echo 50000 100000 > /cg/docker/abc/cpu.max",
    "echo 67108864 > /cg/docker/abc/memory.max",
    "echo 67108864 > /cg/docker/abc/memory.swap.max",
    "echo 33554432 > /cg/docker/abc/memory.low",
    "echo 100 > /cg/docker/abc/pids.max",
    "echo 8:0 rbps=1048576 > /cg/docker/abc/io.max",
  ]);
});

test("no limits, no writes; unlimited is written in the hierarchy's own word", () => {
  assert.deepEqual(writtenFor(v1, {}), []);
  assert.deepEqual(writtenFor(v2, {}), []);
  const unlimited: Resources = { memory: 1 << 20, memorySwap: -1, pidsLimit: -1, cpuQuota: -1 };
  assert.deepEqual(writtenFor(v1, unlimited), [
    "echo -1 > /cg/cpu,cpuacct/docker/abc/cpu.cfs_quota_us",
    "echo -1 > /cg/memory/docker/abc/memory.memsw.limit_in_bytes",
    "echo 1048576 > /cg/memory/docker/abc/memory.limit_in_bytes",
    "echo max > /cg/pids/docker/abc/pids.max",
  ]);
  assert.deepEqual(writtenFor(v2, unlimited), [
    "echo max 100000 > /cg/docker/abc/cpu.max",
    "echo 1048576 > /cg/docker/abc/memory.max",
    "echo max > /cg/docker/abc/memory.swap.max",
    "echo max > /cg/docker/abc/pids.max",
  ]);
});

test("swappiness 0 is set, docker's -1 is left to the host, v2 has no file for it", () => {
  assert.deepEqual(writtenFor(v1, { memorySwappiness: 0 }), ["echo 0 > /cg/memory/docker/abc/memory.swappiness"]);
  assert.deepEqual(writtenFor(v1, { memorySwappiness: -1 }), []);
  assert.deepEqual(writtenFor(v2, { memorySwappiness: 0 }), []);
});

test("a cgroup that grows takes the sum of memory and swap before the memory", () => {
  const files = (order: "grow" | "shrink") =>
    limitWrites(v1, path, { memory: 2 << 20, memorySwap: 4 << 20 }, order).map(({ path }) => path.split("/").pop());
  assert.deepEqual(files("grow"), ["memory.memsw.limit_in_bytes", "memory.limit_in_bytes"]);
  assert.deepEqual(files("shrink"), ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]);
});

test("the container is in every hierarchy, the unified one of a hybrid host too, and leaves none behind", () => {
  const directories = ["cpu,cpuacct", "cpuset", "memory", "devices", "pids", "blkio", "systemd", "unified"].map(
    (name) => `/cg/${name}/docker/abc`,
  );
  const pathsOf = (ops: PlannedOp[], name: string) =>
    ops.flatMap((op) => (op.op === name && "path" in op ? [op.path] : []));
  assert.deepEqual(pathsOf(cgroupLimitOps({ layout: v1, path, resources: {} }), "cgroup_create"), directories);
  const { launcher, container } = cgroupJoinOps(v1, path);
  assert.deepEqual(pathsOf([...container, ...launcher], "cgroup_join"), directories);
  assert.deepEqual(pathsOf(launcher, "cgroup_join"), directories.slice(-1), "born in the one that is v2");
  assert.deepEqual(pathsOf(cgroupExitOps(v1, path), "cgroup_remove"), directories);
});

test("the counters are read after the last process is killed and before the cgroup goes", () => {
  const steps = (layout: CgroupLayout) =>
    cgroupExitOps(layout, path).map((op) => `${op.stage} ${op.op} ${"path" in op ? op.path : ""}`);
  assert.deepEqual(steps(v2), [
    "exit cgroup_kill /cg/docker/abc",
    "exit read_counter /cg/docker/abc/memory.events",
    "exit read_counter /cg/docker/abc/memory.peak",
    "exit read_counter /cg/docker/abc/memory.events",
    "exit read_counter /cg/docker/abc/memory.events.local",
    "exit cgroup_remove /cg/docker/abc",
  ]);
  assert.deepEqual(steps(v1).slice(0, 2), [
    "exit cgroup_kill /cg/unified/docker/abc",
    "exit read_counter /cg/memory/docker/abc/memory.oom_control",
  ]);
});

test("device rules are files in v1 and a program in v2, and nothing for a privileged container", () => {
  const deviceRules = [
    { allow: false, type: "a", major: "*", minor: "*", access: "rwm" },
    { allow: true, type: "c", major: 1, minor: 3, access: "rwm" },
  ] as const;
  assert.deepEqual(written(cgroupLimitOps({ layout: v1, path, resources: {}, deviceRules: [...deviceRules] })), [
    "echo a *:* rwm > /cg/devices/docker/abc/devices.deny",
    "echo c 1:3 rwm > /cg/devices/docker/abc/devices.allow",
  ]);
  const ops = cgroupLimitOps({ layout: v2, path, resources: {}, deviceRules: [...deviceRules] });
  assert.deepEqual(
    ops.map(({ op }) => op),
    ["cgroup_create", "cgroup_device_program"],
  );
  assert.equal(cgroupLimitOps({ layout: v2, path, resources: {} }).length, 1);
});

test("a limit without its controller is refused, and the host's lacks are known before", () => {
  const bare: CgroupLayout = {
    version: "v1",
    hierarchies: [{ controllers: ["name=systemd"], mountpoint: "/cg/systemd" }],
  };
  assert.throws(() => writtenFor(bare, { memory: 1 }), /memory cgroup controller is not mounted/);
  assert.throws(() => writtenFor({ ...v2, controllers: ["cpu"] }, { pidsLimit: 1 }), /pids cgroup controller/);
  assert.deepEqual(missingControllers(bare), ["cpu", "cpuset", "memory", "pids", "blkio", "devices", "freezer"]);
  assert.deepEqual(missingControllers({ ...v2, controllers: ["cpu", "memory", "cpuset"] }), ["pids", "blkio"]);
});

test("no parent leads out of the hierarchy", () => {
  assert.equal(cgroupPath("cgroupfs", "/docker", "abc"), "/docker/abc");
  assert.equal(cgroupPath("cgroupfs", "a//b/", "abc"), "/a/b/abc");
  assert.equal(cgroupPath("cgroupfs", "/", "abc"), "/abc");
  for (const parent of ["../../x", "/a/../../x", "..", "/docker/.", "a\nb", "x".repeat(300)]) {
    assert.throws(() => cgroupPath("cgroupfs", parent, "abc"), /invalid component/, parent);
  }
  assert.throws(() => cgroupJoinOps(v2, "/docker/../.."), /invalid component/);
  assert.throws(() => cgroupJoinOps(v2, "docker"), /not absolute/);
  assert.throws(() => cgroupJoinOps(v2, "/"), /invalid component/);
});

test("v1's weights keep their ends and their default on v2's scale", () => {
  assert.deepEqual([2, 1024, 262_144].map(cpuWeight), [1, 100, 10_000]);
  assert.deepEqual([1, 300_000].map(cpuWeight), [1, 10_000]);
  assert.deepEqual([10, 1000].map(ioWeight), [1, 10_000]);
});
