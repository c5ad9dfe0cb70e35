import assert from "node:assert/strict";
import { test } from "node:test";
import { ndjsonParser } from "./ndjson.ts";

test("values arrive in order however the bytes are cut, also inside a character", () => {
  const bytes = Buffer.from('{"a":"ä"}\n\n[1]\n{"rest":');
  const values: unknown[] = [];
  const feed = ndjsonParser((value) => values.push(value));
  for (const byte of bytes) feed(Uint8Array.of(byte));
  assert.deepEqual(values, [{ a: "ä" }, [1]]);
  feed(Buffer.from("2}\n"));
  assert.deepEqual(values.at(-1), { rest: 2 });
});

test("what is no JSON, and a line without an end, are refused", () => {
  assert.throws(() => ndjsonParser(() => {})(Buffer.from("{\n")), SyntaxError);
  assert.throws(() => ndjsonParser(() => {}, 10)(Buffer.from("x".repeat(11))), RangeError);
});
