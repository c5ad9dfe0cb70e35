import assert from "node:assert/strict";
import { PassThrough, Readable } from "node:stream";
import { test } from "node:test";
import { demux } from "./demux.ts";
import { DEFAULT_KEYS, detachWatcher, keysOf } from "./detach-keys.ts";
import { showProgress } from "./progress.ts";

const frame = (stream: number, text: string) => {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

test("frames cut anywhere come out whole on their own streams", async () => {
  const bytes = Buffer.concat([frame(1, "out1"), frame(2, "err"), frame(1, ""), frame(1, "out2")]);
  for (const size of [1, 3, 7, 100]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_none, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    const [out, err] = [new PassThrough(), new PassThrough()];
    await demux(Readable.from(pieces), out, err);
    assert.deepEqual([out.read().toString(), err.read().toString()], ["out1out2", "err"]);
  }
});

test("an engine's error in the stream is thrown, and garbage is refused", async () => {
  await assert.rejects(demux(Readable.from([frame(3, "broken")]), undefined, undefined), {
    message: "error from daemon in stream: broken",
  });
  await assert.rejects(
    demux(Readable.from([Buffer.from("plain text")]), undefined, undefined),
    /Unrecognized input header/,
  );
});

test("detach keys are held back until they are something else", () => {
  const watch = detachWatcher(DEFAULT_KEYS);
  const typed = (...bytes: number[]) => watch(Uint8Array.from(bytes));
  assert.deepEqual(typed(97, 16), { pass: Uint8Array.of(97), detached: false });
  assert.deepEqual(typed(98), { pass: Uint8Array.of(16, 98), detached: false });
  assert.deepEqual(typed(16, 16), { pass: Uint8Array.of(16), detached: false });
  assert.deepEqual(typed(17), { pass: Uint8Array.of(), detached: true });
});

test("keys are named as docker names them", () => {
  assert.deepEqual([...keysOf("ctrl-p,ctrl-q")], [16, 17]);
  assert.deepEqual([...keysOf("a,ctrl-@,ctrl-_")], [97, 0, 31]);
  assert.throws(() => keysOf("ctrl-1"), { message: "Unknown character: 'ctrl-1'" });
});

const PULL = [
  { status: "Pulling from library/a", id: "latest" },
  { status: "Downloading", id: "layer", progressDetail: { current: 5, total: 10 } },
  { status: "Pull complete", id: "layer", progressDetail: {} },
];
const shown = async (terminal: boolean, messages: object[]) => {
  const out = Object.assign(new PassThrough(), { isTTY: terminal, columns: 200 });
  await showProgress(Readable.from(messages.map((message) => Buffer.from(`${JSON.stringify(message)}\n`))), out);
  return String(out.read() ?? "");
};

test("progress off a terminal is only what is news", async () =>
  assert.equal(await shown(false, PULL), "latest: Pulling from library/a\nlayer: Pull complete\n"));

test("progress on a terminal draws a layer's line again, where it stands", async () => {
  const text = await shown(true, PULL);
  assert.match(text, /layer: Downloading \[=+> *\] +5B\/10B\n/);
  assert.ok(text.endsWith("\x1b[1A\x1b[2K\rlayer: Pull complete\r\x1b[1B"));
});

test("an error inside the progress is the command's error", async () =>
  assert.rejects(shown(false, [{ error: "no space", errorDetail: { message: "no space left" } }]), {
    message: "no space left",
  }));
