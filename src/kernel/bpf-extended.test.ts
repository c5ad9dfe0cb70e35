import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeExtendedBpf, exit, jumpUnless, loadWord, move, moveConstant } from "./bpf-extended.ts";

test("instructions are encoded as struct bpf_insn", () => {
  const bytes = encodeExtendedBpf([
    loadWord(2, 1, 4),
    move(3, 2),
    jumpUnless(3, 0x1234, 2),
    moveConstant(0, -1),
    exit(),
  ]);
  assert.equal(
    Buffer.from(bytes).toString("hex", 0, 8),
    "61" + "12" + "0400" + "00000000",
    "opcode, source and destination, offset, constant",
  );
  assert.equal(Buffer.from(bytes).toString("hex", 8, 16), "bf23000000000000");
  assert.equal(Buffer.from(bytes).toString("hex", 16, 24), "5503020034120000");
  assert.equal(Buffer.from(bytes).toString("hex", 24, 32), "b7000000ffffffff");
  assert.equal(Buffer.from(bytes).toString("hex", 32, 40), "9500000000000000");
});
