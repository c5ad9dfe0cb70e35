import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { eachPiece, inBatches, outOfBatches } from "./batches.ts";

const pieces = (...texts: string[]) => texts.map((text) => Buffer.from(text));

test("what came together is taken together, in its order", async () => {
  const stream = new PassThrough();
  const batches = inBatches(stream, 1024);
  const first = batches.next();
  for (const piece of pieces("a", "b", "c")) stream.write(piece);
  assert.deepEqual((await first).value, pieces("a", "b", "c"));
  stream.end("d");
  assert.deepEqual((await batches.next()).value, pieces("d"));
  assert.equal((await batches.next()).done, true);
});

test("a stream that nobody takes from is paused", async () => {
  const stream = new PassThrough();
  const batches = inBatches(stream, 4);
  const first = batches.next();
  stream.write("1234");
  stream.write("5678");
  assert.equal(Buffer.concat((await first).value ?? []).toString(), "1234");
  await new Promise(setImmediate);
  assert.ok(stream.isPaused());
  stream.end("9");
  assert.equal((await buffer(eachPiece(batches))).toString(), "56789");
});

test("an error is told after what came before it, and an end too early is one", async () => {
  const stream = new PassThrough();
  const batches = inBatches(stream, 1024);
  const first = batches.next();
  stream.write("a");
  await new Promise(setImmediate);
  stream.destroy();
  assert.deepEqual((await first).value, pieces("a"));
  await assert.rejects(batches.next(), { code: "ERR_STREAM_PREMATURE_CLOSE" });
  const broken = new PassThrough();
  const waiting = inBatches(broken, 1024).next();
  broken.destroy(new Error("broken"));
  await assert.rejects(waiting, /broken/);
});

test("batches become a stream; its error is theirs, and its end theirs, too", async () => {
  async function* three() {
    yield pieces("a", "b");
    yield [];
    yield pieces("c");
  }
  assert.equal((await buffer(outOfBatches(three(), 2))).toString(), "abc");
  async function* failing() {
    yield pieces("a");
    throw new Error("gone");
  }
  await assert.rejects(buffer(outOfBatches(failing(), 2)), /gone/);
  let ended = false;
  async function* endless() {
    try {
      for (;;) yield pieces("a");
    } finally {
      ended = true;
    }
  }
  const stream = outOfBatches(endless(), 2);
  await once(stream, "readable");
  stream.destroy();
  await once(stream, "close");
  await new Promise(setImmediate);
  assert.ok(ended);
  assert.ok(Readable.isDisturbed(stream));
});
