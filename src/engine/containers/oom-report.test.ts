import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerRecord } from "./container.ts";
import { aRecord } from "./fixtures.ts";
import { oomReportOf } from "./oom-report.ts";

const ended = (changes: {
  signal: number;
  exitCode: number;
  counters: Record<string, number>;
  stopped?: boolean;
  memory?: number;
}): ContainerRecord => {
  const record = aRecord();
  return {
    ...record,
    cgroupPath: "/docker/abc",
    hostConfig: { ...record.hostConfig, Memory: changes.memory ?? 1000 },
    stoppedByUser: changes.stopped ?? false,
    state: { ...record.state, status: "exited", exitCode: changes.exitCode },
    lastExit: { signal: changes.signal, counters: changes.counters, process: { pid: 4711, startTime: 1 } },
  };
};
const counters = { oom_kill: 1, memory_peak: 1000, memory_limit_hits: 7 };

test("no kill, no report", () => {
  assert.equal(oomReportOf(ended({ signal: 9, exitCode: 137, counters: { oom_kill: 0 } })), undefined);
});

test("PID 1 survived when it ended by itself, and the exit code is its own", () => {
  const report = oomReportOf(ended({ signal: 0, exitCode: 1, counters }));
  assert.equal(report?.first.fate, "survived");
  assert.match(report?.exit ?? "", /^1: PID 1 survived/);
  assert.deepEqual([report?.cgroup.which, report?.peak, report?.first.pidOutside], ["own", 1000, 4711]);
});

test("PID 1 was killed when it died of SIGKILL that nobody here sent; if somebody did, that is not known", () => {
  assert.equal(oomReportOf(ended({ signal: 9, exitCode: 137, counters }))?.first.fate, "killed");
  assert.equal(oomReportOf(ended({ signal: 9, exitCode: 137, counters, stopped: true }))?.first.fate, "unknown");
});

test("a kill without a limit, or without the limit met, is a group's above", () => {
  const without = oomReportOf(ended({ signal: 0, exitCode: 0, counters, memory: 0 }));
  assert.deepEqual([without?.cgroup.which, without?.cgroup.path, without?.limit], ["above", "/docker", undefined]);
  const unmet = oomReportOf(
    ended({ signal: 0, exitCode: 0, memory: 100_000, counters: { ...counters, memory_limit_hits: 0 } }),
  );
  assert.equal(unmet?.cgroup.which, "above");
  const v2 = oomReportOf(ended({ signal: 0, exitCode: 0, counters: { ...counters, memory_own_oom: 0 } }));
  assert.equal(v2?.cgroup.which, "above", "v2 counts the limit's hits apart from its running out");
});

test("a kernel that does not count the hits still tells that the use has reached the limit", () => {
  const full = { oom_kill: 1, memory_peak: 100_000, memory_limit_hits: 0 };
  const report = oomReportOf(ended({ signal: 0, exitCode: 0, memory: 100_000, counters: full }));
  assert.deepEqual([report?.cgroup.which, report?.cgroup.path], ["own", "/docker/abc"]);
});
