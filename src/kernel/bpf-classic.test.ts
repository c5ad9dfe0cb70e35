import assert from "node:assert/strict";
import { test } from "node:test";
import { classicProgram } from "./bpf-classic.ts";

/** Instructions as [code, true, false, constant]. */
function decode(bytes: Uint8Array): number[][] {
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 8 }, (_, index) => [
    view.getUint16(index * 8, true),
    view.getUint8(index * 8 + 2),
    view.getUint8(index * 8 + 3),
    view.getUint32(index * 8 + 4, true),
  ]);
}

test("a program is encoded as struct sock_filter, first instruction first", () => {
  const program = classicProgram();
  const deny = program.ret(0x00050001);
  const allow = program.ret(0x7fff0000);
  const start = program.load(0, program.jump("equal", 39, allow, deny));
  assert.deepEqual(decode(program.encode(start)), [
    [0x20, 0, 0, 0],
    [0x15, 0, 1, 39],
    [0x06, 0, 0, 0x7fff0000],
    [0x06, 0, 0, 0x00050001],
  ]);
});

test("targets beyond a conditional jump's reach get a plain jump in between", () => {
  const program = classicProgram();
  const far = program.ret(1);
  let near = program.ret(2);
  for (let index = 0; index < 300; index++) near = program.and(0xff, near);
  const instructions = decode(program.encode(program.jump("greater", 7, near, far)));
  assert.deepEqual(instructions[0], [0x25, 1, 0, 7]);
  assert.deepEqual(instructions[1], [0x05, 0, 0, 301]);
  assert.deepEqual(instructions[2 + 301], [0x06, 0, 0, 1]);
});

test("both targets may be far", () => {
  const program = classicProgram();
  const [first, second] = [program.ret(1), program.ret(2)];
  let label = program.ret(3);
  for (let index = 0; index < 400; index++) label = program.and(0xff, label);
  const instructions = decode(program.encode(program.jump("greater-or-equal", 7, first, second)));
  /** What stands where a branch of the first instruction leads to, by way of one plain jump. */
  const end = (branch = 0) => {
    const [code, , , distance = 0] = instructions[1 + branch] ?? [];
    assert.equal(code, 0x05);
    return instructions[2 + branch + distance];
  };
  assert.deepEqual(end(instructions[0]?.[1]), [0x06, 0, 0, 1]);
  assert.deepEqual(end(instructions[0]?.[2]), [0x06, 0, 0, 2]);
});

test("equal ends are shared while they are near, and made again where they are not", () => {
  const program = classicProgram();
  const first = program.ret(9);
  assert.equal(program.ret(9), first);
  let label = first;
  for (let index = 0; index < 300; index++) label = program.and(1, label);
  assert.notEqual(program.ret(9), first);
});

test("a program that the kernel would refuse is refused here", () => {
  const program = classicProgram();
  let label = program.ret(0);
  for (let index = 0; index < 4095; index++) label = program.and(1, label);
  assert.equal(program.encode(label).length, 4096 * 8);
  const tooLong = program.and(1, label);
  assert.throws(() => program.encode(tooLong), /4097 instructions: the kernel takes 4096/);
});
