import assert from "node:assert/strict";
import { test } from "node:test";
import { createHostMeter } from "./host-meter.ts";

const meter = createHostMeter();

test("the network of a process that is gone has no interfaces; loopback is never among them", () => {
  assert.deepEqual(meter.networkCounters(2 ** 30), {});
  assert.equal("lo" in meter.networkCounters(process.pid), false);
});

test("the host's CPU time grows by no more than its CPUs can give", async () => {
  const before = meter.cpu();
  const start = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const after = meter.cpu();
  const possible = ((performance.now() - start) * 1e6 + 1e9) * after.online;
  assert.ok(after.online >= 1);
  assert.ok(after.total >= before.total && after.total - before.total < possible);
  assert.ok(meter.memory() > 1 << 20);
});

test("the host's memory and load are there", () => {
  const { memory, load, cpu } = meter.now();
  assert.ok(memory.available > 0 && memory.available < memory.total);
  assert.equal(load.length, 3);
  assert.ok(cpu.idle > 0 && cpu.idle < cpu.total);
});
