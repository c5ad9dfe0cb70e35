import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { createProcesses } from "./processes.ts";

const processes = createProcesses();

test("a process is known by its start time as well, so a number that is used again is another process", async () => {
  const self = await processes.identify(process.pid);
  assert.ok(self && self.pid === process.pid && self.startTime > 0);
  assert.equal(await processes.isAlive(self), true);
  assert.equal(await processes.isAlive({ ...self, startTime: self.startTime - 1 }), false);
});

test("a process that has ended is gone", async () => {
  const child = spawn("sleep", ["1000"]);
  await once(child, "spawn");
  const ref = await processes.identify(child.pid ?? 0);
  assert.ok(ref);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(await processes.isAlive(ref), false);
  assert.equal(await processes.identify(ref.pid), undefined);
});
