import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { parseSignal, signalName } from "./signals.ts";

test("names, with or without SIG, and numbers are understood", () => {
  assert.equal(parseSignal("SIGTERM"), 15);
  assert.equal(parseSignal("term"), 15);
  assert.equal(parseSignal("15"), 15);
  assert.equal(parseSignal("SIGRTMIN"), 34);
  assert.equal(parseSignal("RTMIN+3"), 37);
  assert.equal(parseSignal("SIGRTMAX-14"), 50);
});

test("what is no signal is refused with its text", () => {
  for (const text of ["0", "65", "", "SIG", "FOO", "-1", "9 ", "RTMIN-1", "RTMAX+1", "RTMIN+31", "toString"]) {
    assert.throws(() => parseSignal(text), { message: `invalid signal: ${text}` });
  }
});

test("names agree with the host's", () => {
  for (const [name, number] of Object.entries(constants.signals)) assert.equal(parseSignal(name), number, name);
});

test("numbers have names", () => {
  assert.equal(signalName(9), "SIGKILL");
  assert.equal(signalName(6), "SIGABRT");
  assert.equal(signalName(37), "SIGRTMIN+3");
  assert.equal(signalName(64), "SIGRTMAX");
  assert.equal(signalName(33), "33");
});
