import assert from "node:assert/strict";
import { test } from "node:test";
import type { CgroupLook } from "../../engine/ports.ts";
import { createMeter } from "./meter.ts";
import { sampleV2 } from "./sample-v2.ts";

/** A meter of files in memory, and what it has read of them. */
function meterOf(files: Record<string, string | undefined>) {
  const read: string[] = [];
  const meter = createMeter({
    path: "/docker/x",
    version: "v2",
    sampleOf: sampleV2,
    cgroup: {
      read(_, file) {
        read.push(file);
        return files[file];
      },
      close() {},
    },
  });
  return { meter, took: () => read.splice(0) };
}

const atRest = () => ({
  "cpu.stat": "usage_usec 5\n",
  "memory.current": "4096\n",
  "memory.max": "max\n",
  "memory.stat": "anon 1\n",
  "pids.current": "3\n",
  "pids.max": "max\n",
});
const looking = (usage: string | undefined): CgroupLook => ({ usage: () => usage });

test("of a cgroup below one that rests nothing is read but once in a while, and its sample stays the same object", () => {
  const { meter, took } = meterOf(atRest());
  const first = meter.read(looking("7\n"));
  assert.ok(took().length >= 6);
  const reads = Array.from({ length: 20 }, () => {
    assert.equal(meter.read(looking("7\n")), first);
    return took().length;
  });
  assert.equal(reads.filter((count) => count > 0).length, 2);
});

test("where something above has run, its own CPU time decides", () => {
  const files = atRest();
  const { meter } = meterOf(files);
  meter.read(looking("7\n"));
  files["cpu.stat"] = "usage_usec 6\n";
  assert.equal(meter.read(looking("8\n"))?.cpu.total, 6000);
  files["cpu.stat"] = "usage_usec 9\n";
  assert.equal(meter.read()?.cpu.total, 9000, "without a look");
  files["cpu.stat"] = "usage_usec 10\n";
  assert.equal(meter.read(looking(undefined))?.cpu.total, 10_000, "nothing is known of what is above");
  assert.equal(meter.read(looking(undefined))?.cpu.total, 10_000);
});

test("a limit that was changed is told at once, and what others changed within ten looks", () => {
  const files = atRest();
  const { meter } = meterOf(files);
  meter.read(looking("7\n"));
  files["memory.max"] = "8192\n";
  meter.everything();
  assert.equal(meter.read(looking("7\n"))?.memory.limit, 8192);
  files["memory.max"] = "16384\n";
  const limits = Array.from({ length: 10 }, () => meter.read(looking("7\n"))?.memory.limit);
  assert.equal(limits.at(-1), 16384);
});

test("a cgroup that is gone has no sample", () => {
  const files: Record<string, string | undefined> = atRest();
  const { meter } = meterOf(files);
  assert.ok(meter.read(looking("7\n")));
  for (const file of Object.keys(files)) files[file] = undefined;
  assert.equal(meter.read(looking("8\n")), undefined);
  assert.equal(meter.read(looking("8\n")), undefined);
});
