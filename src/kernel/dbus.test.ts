import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMessage, encodeCall } from "./dbus.ts";

const call = { destination: "d.D", path: "/p", interface: "i.I", member: "M" };

test("a call has the bytes of the specification: fixed header, aligned fields, aligned body", () => {
  const bytes = encodeCall({ ...call, signature: "su", body: ["ab", 7] }, 1);
  const expected = [
    "6c010001", // little endian, method call, no flags, version 1
    "0c000000", // 12 bytes of body
    "01000000", // serial
    "48000000", // length of the fields
    "01016f00" + "02000000" + "2f700000" + "00000000", // path, padded to 8
    "02017300" + "03000000" + "692e4900" + "00000000", // interface
    "03017300" + "01000000" + "4d000000" + "00000000", // member
    "06017300" + "03000000" + "642e4400" + "00000000", // destination
    "08016700" + "02737500", // signature
  ].join("");
  const body = "02000000" + "616200" + "00" + "07000000";
  assert.equal(bytes.toString("hex"), expected + body);
});

test("arrays count their elements' bytes without the padding before the first; variants carry their type", () => {
  const bytes = encodeCall({ ...call, signature: "a(sv)ay", body: [[["n", ["t", 5n]]], [1, 2]] }, 9);
  const body = bytes.subarray(bytes.length - bytes.readUInt32LE(4)).toString("hex");
  // length 24, 4 of padding | "n" | variant "t", padded to 8 | 5 | length 2, 1, 2
  assert.equal(
    body,
    `${"18000000"}${"00000000"}${"01000000" + "6e00"}${"0174" + "00"}${"00".repeat(7)}${"0500000000000000"}${"02000000" + "0102"}`,
  );
});

test("values that do not fit their signature are refused", () => {
  assert.throws(() => encodeCall({ ...call, signature: "ss", body: ["a"] }, 1), /1 values for the signature ss/);
  assert.throws(() => encodeCall({ ...call, signature: "d", body: [1] }, 1), /type d is not known/);
  assert.throws(() => encodeCall({ ...call, signature: "(s", body: ["a"] }, 1), /has no end/);
});

test("an error's name and explanation are read; a message in parts is waited for", () => {
  const fields = Buffer.from(
    "0501750002000000" + // reply to 2
      "0401730003000000652e450000000000" + // error name e.E
      "0801670001730000", // signature s
    "hex",
  );
  const text = Buffer.from("\x03\0\0\0why\0");
  const header = Buffer.from("6c030001", "hex");
  const numbers = Buffer.alloc(12);
  numbers.writeUInt32LE(text.length, 0);
  numbers.writeUInt32LE(4, 4);
  numbers.writeUInt32LE(fields.length - 1, 8);
  const bytes = Buffer.concat([header, numbers, fields, text]);
  assert.deepEqual(decodeMessage(bytes), {
    length: bytes.length,
    message: { type: "error", replyTo: 2, errorName: "e.E", text: "why" },
  });
  for (const part of [0, 15, 20, bytes.length - 1]) assert.equal(decodeMessage(bytes.subarray(0, part)), undefined);
  assert.throws(() => decodeMessage(Buffer.from(bytes).fill(0x42, 0, 1)), /another byte order/);
  numbers.writeUInt32LE(0x7fff_ffff, 0);
  assert.throws(() => decodeMessage(Buffer.concat([header, numbers, fields])), /too long/);
});
