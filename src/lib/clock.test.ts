import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { nowNano, rfc3339Nano, systemClock } from "./clock.ts";

test("no two moments are the same, and none is before an earlier one", () => {
  const moments = Array.from({ length: 1000 }, nowNano);
  for (const [index, moment] of moments.entries()) assert.ok(index === 0 || moment > (moments[index - 1] ?? 0n));
});

test("a moment is close to the wall clock", () => {
  assert.ok(Math.abs(Number(nowNano() / 1_000_000n) - Date.now()) < 2000);
});

test("RFC 3339 with nanoseconds, written as Go writes it", () => {
  assert.equal(rfc3339Nano(1_700_000_000_123_456_789n), "2023-11-14T22:13:20.123456789Z");
  assert.equal(rfc3339Nano(1_700_000_000_120_000_000n), "2023-11-14T22:13:20.12Z");
  assert.equal(rfc3339Nano(1_700_000_000_000_000_000n), "2023-11-14T22:13:20Z");
});

test("another process' monotonic time goes on where ours is: a new engine can tell how long a container has run", () => {
  const before = systemClock.monotonic();
  const print = 'import("./clock.ts").then(({ systemClock }) => console.log(systemClock.monotonic()))';
  const other = Number(execFileSync(process.execPath, ["-e", print], { cwd: import.meta.dirname }));
  assert.ok(before < other && other < systemClock.monotonic());
});
