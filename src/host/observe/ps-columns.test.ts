import assert from "node:assert/strict";
import { test } from "node:test";
import { parseProcessStat } from "../../kernel/proc-stat.ts";
import { psColumn } from "./ps-columns.ts";
import type { PsHost, PsProcess } from "./ps-process.ts";
import { terminalName } from "./ps-terminal.ts";
import { bsdTime, cpuTime, elapsedTime, startBsd, startFull, startLong, startShort } from "./ps-times.ts";

const ids = (id: number) => ({ real: id, effective: id, saved: id, fs: id });
const stat = parseProcessStat(
  "42 (sh) S 1 42 42 0 -1 4194560 100 0 7 0 6000 3000 0 0 20 0 1 0 8000 4096000 250 1 1 1 0 0 0 0 0 65536 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0",
);
const sleeping: PsProcess = {
  pid: 42,
  tid: 42,
  stat,
  uid: ids(1000),
  gid: ids(100),
  threads: 1,
  lockedMemory: false,
  residentKilobytes: 2048,
  cmdline: "sh\0-c\0true\0",
  waitChannel: "0",
};
const host: PsHost = {
  now: 1_800_000_000,
  bootTime: 1_799_999_000,
  uptime: 180,
  memoryTotal: 1024 * 1024 * 1024,
  userNames: new Map([[1000, "postgres-admin"]]),
  groupNames: new Map([[100, "users"]]),
};

function show(key: string, changes: Partial<PsProcess> = {}): string {
  return String(psColumn(key)?.value({ ...sleeping, ...changes }, host));
}

test("names come from the host, long ones are cut, unknown ones are numbers", () => {
  assert.equal(show("user"), "postgre+");
  assert.equal(show("group"), "users");
  assert.equal(show("user", { uid: ids(4294967294) }), "4294967294");
});

test("shares are cut after one digit, and C ends at 99", () => {
  assert.equal(show("pcpu"), "90.0");
  assert.equal(show("c"), "90");
  assert.equal(show("pcpu", { stat: { ...stat, userTime: 12_345 } }), "153");
  assert.equal(show("c", { stat: { ...stat, userTime: 12_345 } }), "99");
  assert.equal(show("pmem"), "0.1");
});

test("a command that nobody wrote down stands in brackets, and cannot move the cursor", () => {
  assert.equal(show("args"), "sh -c true");
  assert.equal(show("args", { cmdline: "" }), "[sh]");
  assert.equal(show("args", { stat: { ...stat, state: "Z" }, cmdline: "" }), "[sh] <defunct>");
  assert.equal(show("comm", { stat: { ...stat, state: "Z" } }), "sh <defunct>");
  assert.equal(show("args", { cmdline: "a\x1b[2Jb\nc\0ä" }), "a?[2Jb?c ä");
  assert.equal(show("comm", { stat: { ...stat, comm: "x\ty" } }), "x?y");
});

test("state letters", () => {
  assert.equal(show("stat"), "Ss");
  const busy = { ...stat, state: "R", nice: -5, session: 1, pgrp: 9, foregroundGroup: 9 };
  assert.equal(show("stat", { stat: busy, threads: 3, lockedMemory: true }), "R<Ll+");
});

test("times", () => {
  assert.deepEqual([0, 3661.9, 90_061].map(cpuTime), ["00:00:00", "01:01:01", "1-01:01:01"]);
  assert.deepEqual([59, 3661, 90_061].map(elapsedTime), ["00:59", "01:01:01", "1-01:01:01"]);
  assert.deepEqual([7, 7261].map(bsdTime), ["0:07", "121:01"]);
});

test("starts: today the time, this year the day, before it the year", () => {
  const at = (...parts: [number, number, number, number, number, number]) => new Date(...parts).getTime() / 1000;
  const now = at(2026, 10, 28, 22, 0, 0);
  assert.equal(startShort(at(2026, 10, 28, 1, 2, 3), now), "01:02");
  assert.equal(startShort(at(2026, 10, 7, 23, 2, 3), now), "Nov07");
  assert.equal(startShort(at(2025, 10, 27, 23, 2, 3), now), "2025");
  assert.equal(startLong(at(2026, 10, 27, 23, 2, 3), now), "23:02:03");
  assert.equal(startLong(at(2026, 10, 7, 23, 2, 3), now), "Nov  7");
  assert.equal(startBsd(at(2026, 10, 27, 23, 2, 3), now), "23:02");
  assert.equal(startFull(at(2026, 10, 7, 23, 2, 3)), "Sat Nov  7 23:02:03 2026");
});

test("terminals by their device number", () => {
  assert.deepEqual([0, 0x8803, 0x8901, 0x401, 0x440, 0x501].map(terminalName), [
    "?",
    "pts/3",
    "pts/257",
    "tty1",
    "ttyS0",
    "console",
  ]);
  assert.equal(terminalName((1 << 20) | 0x8802), "pts/258");
});
