import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHostStat, parseIdLine, parseProcessStat, parseProcessStatus } from "./proc-stat.ts";

const tail =
  "S 1 42 43 34816 44 4194560 100 0 7 0 11 22 0 0 20 -5 3 0 8123 10000000 250 18446744073709551615 1 1 0 0 0 0 0 0 65536 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0";

test("fields of a stat line stand where the man page says", () => {
  const stat = parseProcessStat(`42 (sleep) ${tail}\n`);
  assert.equal(stat.pid, 42);
  assert.equal(stat.comm, "sleep");
  assert.equal(stat.state, "S");
  assert.equal(stat.ppid, 1);
  assert.equal(stat.ttyNumber, 34816);
  assert.equal(stat.userTime, 11);
  assert.equal(stat.systemTime, 22);
  assert.equal(stat.nice, -5);
  assert.equal(stat.threads, 3);
  assert.equal(stat.startTime, 8123);
  assert.equal(stat.residentPages, 250);
  assert.equal(stat.processor, 1);
});

test("a process cannot forge fields by its name", () => {
  for (const comm of ["a b", "x) R 1 1", "((", "))", "two\nlines", ""]) {
    const stat = parseProcessStat(`42 (${comm}) ${tail}`);
    assert.equal(stat.comm, comm);
    assert.equal(stat.startTime, 8123);
  }
  assert.throws(() => parseProcessStat("42 sleep S 1"), /not a \/proc\/PID\/stat line/);
  assert.throws(() => parseProcessStat(""), /not a \/proc\/PID\/stat line/);
});

test("status lines are values by name", () => {
  const status = parseProcessStatus(
    "Name:\tbash\nUid:\t1000\t1001\t1002\t1003\nVmRSS:\t    1234 kB\nNSpid:\t4711\t1\n",
  );
  assert.equal(status.Name, "bash");
  assert.equal(status.VmRSS, "1234 kB");
  assert.equal(status.NSpid, "4711\t1");
  assert.deepEqual(parseIdLine(status.Uid ?? ""), { real: 1000, effective: 1001, saved: 1002, fs: 1003 });
  assert.equal(status.constructor, undefined);
});

test("the host's CPU time leaves out what was stolen, and guest time, which is counted as user time already", () => {
  const stat = parseHostStat(
    "cpu  1 2 3 4 5 6 7 8 100 200\ncpu0 1 0 0 0 0 0 0 0 0 0\ncpu2 0 0 0 0 0 0 0 0 0 0\nintr 1\nbtime 1700000000\n",
  );
  assert.deepEqual(stat, { totalTicks: 28, idleTicks: 9, onlineCpus: 2, bootTime: 1700000000 });
});
