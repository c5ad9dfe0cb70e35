import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Container } from "../../src/engine/containers/container.ts";
import { type LogRequest, streamLogs } from "../../src/engine/containers/logs.ts";
import { createLogFiles } from "../../src/host/logs/log-files.ts";
import { createDemultiplexer } from "../../src/wire/stdcopy.ts";

const delay = (ms: number, signal?: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });

function setUp(t: { after(fn: () => void): void }, options: { tty?: boolean; status?: string } = {}) {
  const directory = mkdtempSync(join(tmpdir(), "logs-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "x-json.log");
  const exit = Promise.withResolvers<{ exitCode: number }>();
  const container = {
    record: {
      id: "x",
      config: { Tty: options.tty ?? false },
      state: { status: options.status ?? "running" },
      hostConfig: { LogConfig: { Type: "json-file", Config: {} } },
    },
    nextExit: () => exit.promise,
    removed: () => new Promise(() => {}),
  } as unknown as Container;
  const deps = { logFiles: createLogFiles(), clock: { delay }, logPath: () => path };
  const run = (request: Partial<LogRequest>) => {
    const out = new PassThrough({ highWaterMark: 1 << 16 });
    const text = { stdout: "", stderr: "", raw: "" };
    const demultiplex = createDemultiplexer((stream, payload) => {
      text[stream === 1 ? "stdout" : "stderr"] += payload.toString();
    });
    out.on("data", (chunk: Buffer) => {
      text.raw += chunk.toString("latin1");
      if (!options.tty) demultiplex(chunk);
    });
    const finished = streamLogs(deps, container, { stdout: true, stderr: true, tail: "all", ...request }, out);
    return { text, out, finished };
  };
  return { path, run, end: () => exit.resolve({ exitCode: 0 }) };
}

let clock = 0;
function line(text: string, stream = "stdout", attrs = ""): string {
  const time = `2026-01-02T03:04:${String(10 + Math.floor(clock / 10)).slice(0, 2)}.${clock++ % 10}Z`;
  const middle = attrs ? `,"attrs":${attrs}` : "";
  return `{"log":${JSON.stringify(text)},"stream":"${stream}"${middle},"time":"${time}"}\n`;
}
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 1000) throw new Error("waited in vain");
    await delay(10);
  }
}

test("text comes out as it went in: escapes, pairs of surrogates, pieces without a newline", async (t) => {
  const { path, run } = setUp(t);
  const text = 'tab\t "quoted" back\\slash \u0001 é \u{1f514} < / end\n';
  writeFileSync(
    path,
    line(text) +
      line("err\n", "stderr") +
      String.raw`{"log":"\ud83d\udd14\u003c\/","stream":"stdout","time":"2026-01-02T03:04:05Z"}` +
      "\n",
  );
  const { text: got, finished } = run({});
  await finished;
  assert.equal(got.stdout, `${text}\u{1f514}</`);
  assert.equal(got.stderr, "err\n");
});

test("a terminal's log comes without frames", async (t) => {
  const { path, run } = setUp(t, { tty: true });
  writeFileSync(path, line("a\n"));
  const { text, finished } = run({});
  await finished;
  assert.equal(text.raw, "a\n");
});

test("one stream can be chosen; timestamps have nine digits; details are sorted", async (t) => {
  const { path, run } = setUp(t);
  clock = 0;
  writeFileSync(path, line("a\n") + line("b\n", "stderr") + line("c\n", "stdout", '{"z":"1 2","a":"x"}'));
  const only = run({ stdout: false });
  await only.finished;
  assert.deepEqual([only.text.stdout, only.text.stderr], ["", "b\n"]);
  const full = run({ timestamps: true, details: true });
  await full.finished;
  assert.equal(full.text.stdout, "2026-01-02T03:04:10.000000000Z  a\n2026-01-02T03:04:10.200000000Z a=x,z=1%202 c\n");
});

test("tail counts from the end, across rotated and compressed files", async (t) => {
  const { path, run } = setUp(t);
  writeFileSync(`${path}.2.gz`, gzipSync(line("1\n") + line("2\n")));
  writeFileSync(`${path}.1`, line("3\n") + line("4\n"));
  writeFileSync(path, line("5\n"));
  for (const [tail, expected] of [
    ["all", "1 2 3 4 5"],
    [0, ""],
    [1, "5"],
    [2, "4 5"],
    [3, "3 4 5"],
    [4, "2 3 4 5"],
    [9, "1 2 3 4 5"],
  ] as const) {
    const { text, finished } = run({ tail });
    await finished;
    assert.equal(text.stdout.trim().replaceAll("\n", " "), expected, `tail ${tail}`);
  }
});

test("tail finds long logs' last lines block by block", async (t) => {
  const { path, run } = setUp(t);
  const lines = Array.from({ length: 5000 }, (_, i) => `${i} ${"x".repeat(i % 300)}\n`);
  writeFileSync(path, lines.map((text) => line(text)).join(""));
  const { text, finished } = run({ tail: 3000 });
  await finished;
  assert.equal(text.stdout, lines.slice(2000).join(""));
});

test("since and until choose by nanoseconds, both ends included", async (t) => {
  const { path, run } = setUp(t);
  writeFileSync(
    path,
    ["1", "2", "3", "4"]
      .map((n) => `{"log":"${n}\\n","stream":"stdout","time":"1970-01-01T00:00:05.00000000${n}Z"}\n`)
      .join(""),
  );
  const { text, finished } = run({ since: 5_000_000_002n, until: 5_000_000_003n });
  await finished;
  assert.equal(text.stdout, "2\n3\n");
});

test("follow goes on across rotations until the container has ended and all is read", async (t) => {
  const { path, run, end } = setUp(t);
  writeFileSync(path, line("1\n"));
  const { text, finished } = run({ follow: true });
  await until(() => text.stdout === "1\n");
  appendFileSync(path, line("2\n"));
  await until(() => text.stdout === "1\n2\n");
  // Two rotations between two looks of the reader.
  appendFileSync(path, line("3\n"));
  renameSync(path, `${path}.1`);
  writeFileSync(path, line("4\n"));
  renameSync(`${path}.1`, `${path}.2`);
  renameSync(path, `${path}.1`);
  writeFileSync(path, line("5\n"));
  await until(() => text.stdout.endsWith("5\n"));
  appendFileSync(path, line("6\n"));
  end();
  await finished;
  assert.equal(text.stdout, "1\n2\n3\n4\n5\n6\n");
});

test("follow goes on when the log is emptied, as max-file=1 does", async (t) => {
  const { path, run, end } = setUp(t);
  writeFileSync(path, line("1\n") + line("2\n"));
  const { text, finished } = run({ follow: true });
  await until(() => text.stdout.endsWith("2\n"));
  truncateSync(path);
  appendFileSync(path, line("3\n"));
  await until(() => text.stdout.endsWith("3\n"));
  end();
  await finished;
});

test("follow of a container that does not run ends at once; a reader that leaves ends it too", async (t) => {
  const exited = setUp(t, { status: "exited" });
  writeFileSync(exited.path, line("1\n"));
  const { text, finished } = exited.run({ follow: true });
  await finished;
  assert.equal(text.stdout, "1\n");
  const running = setUp(t);
  writeFileSync(running.path, "");
  const left = running.run({ follow: true });
  left.out.destroy();
  await left.finished;
});

test("no log file is an empty log", async (t) => {
  const { run } = setUp(t);
  const { text, finished } = run({});
  await finished;
  assert.equal(text.raw, "");
});
