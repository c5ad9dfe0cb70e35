import assert from "node:assert/strict";
import { test } from "node:test";
import { cgroupExitOps, cgroupLimitOps, cgroupPath, scopeOf } from "./index.ts";
import { unitProperties } from "./unit-properties.ts";

const id = "c".repeat(64);
const path = cgroupPath("systemd", "a-b.slice", id);
const layout = { version: "v2" as const, mountpoint: "/cg", controllers: ["cpu", "cpuset", "io", "memory", "pids"] };

test("a slice's place follows from its name", () => {
  assert.equal(path, `/a.slice/a-b.slice/docker-${id}.scope`);
  assert.equal(cgroupPath("systemd", "system.slice", id), `/system.slice/docker-${id}.scope`);
  assert.equal(cgroupPath("systemd", "-.slice", id), `/docker-${id}.scope`);
  for (const slice of ["/a.slice", "a--b.slice", "-a.slice", "a-.slice", "a", "../x.slice"])
    assert.throws(() => cgroupPath("systemd", slice, id), /invalid slice name/, slice);
});

test("a scope is told by its path", () => {
  assert.deepEqual(scopeOf(path), { unit: `docker-${id}.scope`, slice: "a-b.slice" });
  assert.deepEqual(scopeOf(`/docker-${id}.scope`), { unit: `docker-${id}.scope`, slice: "-.slice" });
  assert.equal(scopeOf(cgroupPath("cgroupfs", "x.slice", id)), undefined);
});

test("the plan has systemd make it before its limits, and reads the counters before the keeper dies with the rest", () => {
  const ops = cgroupLimitOps({ layout, path, resources: { memory: 4096, pidsLimit: 5 } });
  assert.deepEqual(
    ops.map((op) => [op.op, "data" in op ? op.data : ""]),
    [
      ["cgroup_keep", ""],
      ["write_file", "4096"],
      ["write_file", "6"],
    ],
  );
  const end = cgroupExitOps(layout, path).map(({ op }) => op);
  assert.ok(end.lastIndexOf("read_counter") < end.indexOf("cgroup_kill"));
  assert.equal(end.at(-1), "cgroup_kill", "its removal is systemd's");
});

test("limits in systemd's words: whole percents rounded up, masks by the byte, room for the keeper", () => {
  const said = (resources: Parameters<typeof unitProperties>[1]) =>
    Object.fromEntries(unitProperties(path, resources).map(([name, , value]) => [name, value]));
  assert.deepEqual(said({}), { TasksMax: 2n ** 64n - 1n });
  assert.deepEqual(said({ memory: 100, memorySwap: 150, memoryReservation: 50, pidsLimit: 9 }), {
    MemoryMax: 100n,
    MemorySwapMax: 50n,
    MemoryLow: 50n,
    TasksMax: 10n,
  });
  assert.equal(said({ memory: 100, memorySwap: -1 }).MemorySwapMax, 2n ** 64n - 1n);
  assert.equal(said({ cpuQuota: 12_345, cpuPeriod: 100_000 }).CPUQuotaPerSecUSec, 130_000n);
  assert.equal(said({ cpuQuota: -1 }).CPUQuotaPerSecUSec, 2n ** 64n - 1n);
  assert.deepEqual(said({ cpusetCpus: "0-2,9" }).AllowedCPUs, [7, 2]);
  assert.equal(said({ cpuShares: 1024 }).CPUWeight, 100n);
});
