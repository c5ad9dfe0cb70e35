/** The host's cgroups for real: v1, hybrid or v2, whichever this machine has. Needs root. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Cgroups } from "../../src/engine/ports.ts";
import { createCgroups } from "../../src/host/cgroup/index.ts";
import { cgroupDirectories } from "../../src/isolation/cgroups/index.ts";
import { parseCgroupMembership } from "../../src/kernel/proc-mountinfo.ts";
import { parseProcessStat } from "../../src/kernel/proc-stat.ts";

const parent = `/docker-test-cgroup-${process.pid}`;
const path = `${parent}/abc`;
const skip = process.getuid?.() !== 0 && "needs root";

/** A cgroup as a plan would make it; it and its parent are gone after the test, and with them the processes in it. */
async function madeCgroup(t: TestContext): Promise<Cgroups> {
  const cgroups = await createCgroups();
  await cgroups.prepare(path);
  t.after(async () => {
    await cgroups.thaw(path).catch(() => {}); // SIGKILL waits for a frozen process to thaw; the cgroup may be gone
    for (const pid of await cgroups.pids(parent)) process.kill(pid, "SIGKILL");
    await cgroups.remove(parent);
    assert.equal(await cgroups.exists(parent), false);
  });
  for (const directory of cgroupDirectories(cgroups.layout, path)) mkdirSync(directory, { recursive: true });
  return cgroups;
}

async function runInside(cgroups: Cgroups, script: string): Promise<{ pid: number; child: ChildProcess }> {
  const child = spawn("sh", ["-c", script], { stdio: "ignore" });
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  for (const directory of cgroupDirectories(cgroups.layout, path))
    writeFileSync(`${directory}/cgroup.procs`, String(pid));
  return { pid, child };
}

const ticks = (pid: number) => parseProcessStat(readFileSync(`/proc/${pid}/stat`, "utf8")).userTime;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await condition()) return;
    await delay(50);
  }
  assert.fail("the condition was not met in 20 s");
}

test("a process can join a prepared cgroup in every hierarchy, is seen in it, and holds its removal up", {
  skip,
}, async (t) => {
  const cgroups = await madeCgroup(t);
  const { pid, child } = await runInside(cgroups, "exec sleep 1000");
  const memberships = parseCgroupMembership(readFileSync(`/proc/${pid}/cgroup`, "utf8"));
  const mounted = cgroupDirectories(cgroups.layout, path).length;
  assert.equal(memberships.filter((membership) => membership.path.endsWith(path)).length, mounted);
  assert.deepEqual(await cgroups.pids(path), [pid]);
  assert.deepEqual(await cgroups.pids(parent), [pid]);
  const sample = await cgroups.sample(path);
  assert.equal(sample?.pids.current, 1);
  assert.ok((sample?.memory.limit ?? 0) > 0);
  await assert.rejects(cgroups.remove(path), { code: "EBUSY" });
  child.kill("SIGKILL");
  await once(child, "exit");
  await cgroups.remove(path);
  assert.equal(await cgroups.exists(path), false);
  assert.equal(await cgroups.sample(path), undefined);
  assert.deepEqual(await cgroups.pids(path), []);
  await cgroups.remove(path);
});

test("limits of a living cgroup can be raised and lowered, memory and swap in the order that the kernel wants", {
  skip,
}, async (t) => {
  const cgroups = await madeCgroup(t);
  const { swapLimit, pidsLimit } = await cgroups.features(parent);
  assert.ok(pidsLimit);
  for (const megabytes of [64, 256, 32]) {
    const memory = megabytes << 20;
    await cgroups.update(path, { memory, ...(swapLimit && { memorySwap: memory * 2 }), pidsLimit: megabytes });
    const sample = await cgroups.sample(path);
    assert.equal(sample?.memory.limit, memory);
    assert.equal(sample?.pids.limit, megabytes);
  }
  await cgroups.update(path, { pidsLimit: -1 });
  assert.equal((await cgroups.sample(path))?.pids.limit, undefined);
  await assert.rejects(cgroups.update(path, { cpusetCpus: "4000" }), /write 4000 to .*cpuset\.cpus: E/);
});

test("a frozen process stands still until it is thawed", { skip }, async (t) => {
  const cgroups = await madeCgroup(t);
  const { pid, child } = await runInside(cgroups, "while :; do :; done");
  await until(() => ticks(pid) > 2);
  await cgroups.freeze(path);
  const frozenAt = ticks(pid);
  await delay(200);
  assert.equal(ticks(pid), frozenAt);
  await cgroups.thaw(path);
  await until(() => ticks(pid) > frozenAt);
  const sample = await cgroups.sample(path);
  assert.ok((sample?.cpu.total ?? 0) > 0);
  child.kill("SIGKILL");
  await once(child, "exit");
});

test("freezing what is not there is an error; thawing is not: a killed container's monitor may have been quicker", {
  skip,
}, async () => {
  const cgroups = await createCgroups();
  await assert.rejects(cgroups.freeze(`${parent}/none`), { code: "ENOENT" });
  await cgroups.thaw(`${parent}/none`);
});
