import assert from "node:assert/strict";
import { test } from "node:test";
import { seccompProgram } from "./spec-seccomp.ts";

test("a machine without filters is told of, unless nobody wanted any", () => {
  const said: string[] = [];
  const deps = { settings: { kernel: "6.1.0" }, log: (message: string) => void said.push(message) };
  assert.equal(seccompProgram("unconfined", [], deps, "riscv64"), null);
  assert.deepEqual(said, []);
  assert.equal(seccompProgram("default", [], deps, "riscv64"), null);
  assert.match(said.join(), /run without seccomp/);
  assert.ok(seccompProgram("default", [], deps, "x64"));
  assert.equal(said.length, 1);
});
