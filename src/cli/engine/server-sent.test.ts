import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { serverSent } from "./server-sent.ts";

test("messages come whole, wherever the body was cut; comments and what has no data are left out", async () => {
  const text =
    'retry: 2000\n\nid: 1\nevent: hello\ndata: {"a":"ä: b"}\n\n:\n\nid: 2\nevent: x\ndata: [1]\n\nevent: cut\ndata: 1\n';
  const body = new PassThrough();
  for (const byte of Buffer.from(text)) body.write(Buffer.from([byte]));
  body.end();
  const heard: unknown[] = [];
  for await (const message of serverSent(body)) heard.push(message);
  assert.deepEqual(heard, [
    { event: "hello", data: { a: "ä: b" } },
    { event: "x", data: [1] },
  ]);
});
