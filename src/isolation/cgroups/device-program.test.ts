import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeviceRule } from "../spec.ts";
import { deviceProgram } from "./device-program.ts";

const rule = (text: string): DeviceRule => {
  const [verb, type, numbers = "*:*", access = "rwm"] = text.split(" ");
  const [major, minor] = numbers.split(":").map((number) => (number === "*" ? ("*" as const) : Number(number)));
  return {
    allow: verb === "allow",
    type: type as DeviceRule["type"],
    major: major ?? "*",
    minor: minor ?? "*",
    access,
  };
};

/** Run a program as the kernel would, for the few instructions that it may hold. */
function run(program: Uint8Array, context: number[]): number {
  const view = new DataView(program.buffer);
  const registers = [0n, 0n, 0n, 0n, 0n, 0n];
  for (let at = 0; at < program.length; at += 8) {
    const code = view.getUint8(at);
    const dst = view.getUint8(at + 1) & 15;
    const src = view.getUint8(at + 1) >> 4;
    const offset = view.getInt16(at + 2, true);
    const constant = view.getInt32(at + 4, true);
    const a = registers[dst] ?? 0n;
    const b = registers[src] ?? 0n;
    if (code === 0x61) registers[dst] = BigInt(context[offset / 4] ?? 0);
    else if (code === 0xbf) registers[dst] = b;
    else if (code === 0xb7) registers[dst] = BigInt(constant);
    else if (code === 0x54) registers[dst] = a & BigInt(constant >>> 0);
    else if (code === 0x74) registers[dst] = a >> BigInt(constant);
    else if (code === 0x55) at += a !== BigInt.asUintN(64, BigInt(constant)) ? offset * 8 : 0;
    else if (code === 0x5d) at += a !== b ? offset * 8 : 0;
    else if (code === 0x15) at += a === BigInt.asUintN(64, BigInt(constant)) ? offset * 8 : 0;
    else if (code === 0x95) return Number(registers[0]);
    else assert.fail(`unknown opcode ${code}`);
  }
  return assert.fail("the program runs over its end");
}

function allows(rules: string[], type: "b" | "c", major: number, minor: number, access: string): boolean {
  const bits = [...access].reduce((sum, letter) => sum + ({ m: 1, r: 2, w: 4 }[letter] ?? 0), 0);
  const context = [(bits << 16) | (type === "b" ? 1 : 2), major, minor];
  return run(deviceProgram(rules.map(rule)), context) === 1;
}

const docker = [
  "deny a",
  "allow c *:* m",
  "allow b *:* m",
  "allow c 1:3 rwm",
  "allow c 136:* rwm",
  "deny c 10:229 rwm",
];

test("a container may open its own devices, make any node, and open nothing else", () => {
  assert.equal(allows(docker, "c", 1, 3, "rw"), true);
  assert.equal(allows(docker, "c", 136, 7, "rw"), true);
  assert.equal(allows(docker, "b", 8, 0, "m"), true);
  assert.equal(allows(docker, "b", 8, 0, "r"), false);
  assert.equal(allows(docker, "b", 8, 0, "rm"), false);
  assert.equal(allows(docker, "c", 1, 1, "r"), false);
  assert.equal(allows(docker, "b", 1, 3, "r"), false);
  assert.equal(allows(docker, "c", 10, 229, "rw"), false);
});

test("access given in two steps is access to both at once", () => {
  const rules = ["deny a", "allow b 8:0 r", "allow b 8:0 w"];
  assert.equal(allows(rules, "b", 8, 0, "rw"), true);
  assert.equal(allows(rules, "b", 8, 0, "rwm"), false);
  assert.equal(allows([...rules, "deny b 8:0 w"], "b", 8, 0, "rw"), false);
  assert.equal(allows([...rules, "deny b 8:0 w"], "b", 8, 0, "r"), true);
});

test("where all is allowed, an exception forbids any part of its access", () => {
  assert.equal(allows([], "b", 8, 0, "rw"), true);
  assert.equal(allows(["deny b 8:0 w"], "b", 8, 0, "rw"), false);
  assert.equal(allows(["deny b 8:0 w"], "b", 8, 0, "r"), true);
  assert.equal(allows(["deny b 8:0 w", "allow a"], "b", 8, 0, "w"), true);
});

test("an access letter that no device has is refused", () => {
  assert.throws(() => deviceProgram([rule("allow c 1:3 rx")]), /unknown access "rx"/);
});
