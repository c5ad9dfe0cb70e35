import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Op } from "../../src/isolation/plan.ts";
import { makeRoot, runToEnd, scratch, sh } from "./harness.ts";

type Entry = { log: string; stream: string; attrs?: Record<string, string>; time: string };
type LogOp = Extract<Op, { op: "log_json" }>;

function setUp(t: TestContext, more: Partial<LogOp> = {}) {
  const directory = scratch(t);
  const path = join(directory, "log.json");
  const log: LogOp = { op: "log_json", path, maxSize: 0, maxFiles: 1, compress: false, attrs: "", ...more };
  const root = makeRoot(directory);
  const entries = (file = path) =>
    readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line): Entry => JSON.parse(line));
  const run = (script: string) => runToEnd({ root, argv: sh(script), launcher: [log] });
  return { directory, root, path, run, entries };
}

test("each line is an object with its stream and time, as docker's json-file driver writes it", async (t) => {
  const { run, path } = setUp(t);
  await run("echo one; echo two >&2; printf unfinished");
  const lines = readFileSync(path, "utf8");
  const time = /"time":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z"/g;
  const sorted = lines.replace(time, '"time":"T"').trimEnd().split("\n").sort();
  assert.deepEqual(sorted, [
    '{"log":"one\\n","stream":"stdout","time":"T"}',
    '{"log":"two\\n","stream":"stderr","time":"T"}',
    '{"log":"unfinished","stream":"stdout","time":"T"}',
  ]);
});

test("bytes are escaped as docker does it", async (t) => {
  const { run, path, root } = setUp(t);
  const line = Buffer.concat([
    Buffer.from('a"b\\c\td\r<e>&f\x01\x7f ä€😀 \u2028\u2029 '),
    Buffer.from([0xff, 0x20, 0xc3, 0x20, 0xe2, 0x82, 0x20, 0xed, 0xa0, 0x80, 0xc0, 0x80]),
    Buffer.from("\n"),
  ]);
  writeFileSync(join(root, "line"), line);
  await run("cat /line");
  const text = readFileSync(path, "utf8");
  const expected =
    String.raw`{"log":"a\"b\\c\u0009d\r\u003ce\u003e\u0026f\u0001` +
    "\x7f ä€😀 " +
    String.raw`\u2028\u2029 \ufffd \ufffd \ufffd\ufffd \ufffd\ufffd\ufffd\ufffd\ufffd\n",`;
  assert.ok(text.startsWith(expected), text);
});

test("a line of more than 16 KiB is written in pieces that carry the time of the first", async (t) => {
  const { run, entries, root } = setUp(t);
  const long = "x".repeat(40_000);
  writeFileSync(join(root, "lines"), `short\n${long}\n${"y".repeat(16_384)}\nend\n`);
  await run("cat /lines");
  const pieces = entries();
  assert.deepEqual(
    pieces.map(({ log }) => log.length),
    [6, 16_384, 16_384, 40_000 - 2 * 16_384 + 1, 16_384, 1, 4],
  );
  assert.equal(
    pieces
      .slice(1, 4)
      .map(({ log }) => log)
      .join(""),
    `${long}\n`,
  );
  assert.equal(new Set(pieces.slice(1, 4).map(({ time }) => time)).size, 1);
});

test("a line that comes in several writes is one entry", async (t) => {
  const { run, entries } = setUp(t);
  await run("printf a; sleep 0.1; printf b; sleep 0.1; echo c");
  assert.deepEqual(
    entries().map(({ log }) => log),
    ["abc\n"],
  );
});

test("attributes stand between stream and time", async (t) => {
  const { run, path } = setUp(t, { attrs: '{"tag":"x"}' });
  await run("echo one");
  assert.match(readFileSync(path, "utf8"), /"stream":"stdout","attrs":\{"tag":"x"\},"time":/);
});

test("a full file is rotated between two lines, the oldest is dropped, nothing else is lost", async (t) => {
  const { run, entries, path } = setUp(t, { maxSize: 4096, maxFiles: 3 });
  await run("i=0; while [ $i -lt 200 ]; do echo line-$i; i=$((i+1)); done");
  assert.ok(!existsSync(`${path}.3`));
  const kept = [`${path}.2`, `${path}.1`, path].flatMap((file) => entries(file));
  const numbers = kept.map(({ log }) => Number(log.slice(5)));
  assert.deepEqual(
    numbers,
    Array.from({ length: numbers.length }, (_, i) => 200 - numbers.length + i),
  );
  assert.ok(readFileSync(`${path}.1`).length >= 4096 && readFileSync(`${path}.1`).length < 4096 + 100);
});

test("one file only starts again when it is full", async (t) => {
  const { run, entries, path } = setUp(t, { maxSize: 1000, maxFiles: 1 });
  await run("i=0; while [ $i -lt 50 ]; do echo line-$i; i=$((i+1)); done");
  assert.ok(!existsSync(`${path}.1`));
  assert.equal(entries().at(-1)?.log, "line-49\n");
});

test("a log goes on where a former one of the same container ended", async (t) => {
  const { run, entries } = setUp(t);
  await run("echo first");
  await run("echo second");
  assert.deepEqual(
    entries().map(({ log }) => log),
    ["first\n", "second\n"],
  );
});

test("a full disk loses lines, not the container, and leaves no torn line", async (t) => {
  const directory = scratch(t);
  const small = join(directory, "small");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]);
  const path = join(small, "log.json");
  const log: LogOp = { op: "log_json", path, maxSize: 0, maxFiles: 1, compress: false, attrs: "" };
  const script = "i=0; while [ $i -lt 5000 ]; do echo line-$i; i=$((i+1)); done; exit 6";
  const root = makeRoot(directory);
  try {
    const end = await runToEnd({ root, argv: sh(script), launcher: [log] });
    assert.equal(end.events.at(-1)?.exitCode, 6);
    assert.match(end.stdout, /line-4999\n$/);
    const text = readFileSync(path, "utf8");
    assert.ok(text.endsWith("}\n"));
    for (const line of text.trimEnd().split("\n")) JSON.parse(line);
  } finally {
    execFileSync("umount", [small]);
  }
});
