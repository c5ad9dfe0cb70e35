import assert from "node:assert/strict";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import {
  eventually,
  type Frame,
  frame,
  frames,
  launch,
  makeRoot,
  output,
  parseFrames,
  plan,
  runToEnd,
  scratch,
  sh,
} from "./harness.ts";

const size = (rows: number, cols: number) => Buffer.from([rows >> 8, rows & 255, cols >> 8, cols & 255]);
const signal = (number: number) => Buffer.from([0, 0, 0, number]);
const reply = (type: number, errno: number) => [type, 0, 0, 0, errno];

/** Frames as they come. */
function watch(channel: Socket) {
  let bytes = Buffer.alloc(0);
  channel.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  const all = () => parseFrames(bytes);
  return {
    all,
    shows: (text: string) => eventually(() => output(all()).includes(text)),
    reply: () => eventually(() => all().find(({ type }) => type === 32)),
    closed: new Promise((resolve) => channel.once("close", resolve)),
  };
}

async function connect(path: string): Promise<Socket> {
  const socket = createConnection(path);
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

test("a terminal has its size from the first moment, and is the controlling one", async (t) => {
  const root = makeRoot(scratch(t));
  const script = "stty size; tty; [ -c /dev/console ] && echo console; echo to-tty > /dev/tty; ls -l /dev/pts/0";
  const before = [{ op: "mknod" as const, path: "/dev/tty", mode: 0o20666, major: 5, minor: 0, uid: 0, gid: 0 }];
  const end = await runToEnd({
    root,
    argv: sh(script),
    before,
    stdio: { pty: true, rows: 33, cols: 101, stdin: true },
  });
  assert.match(end.stdout, /^33 101\r\n\/dev\/pts\/0\r\nconsole\r\nto-tty\r\ncrw--w----/);
});

test("a terminal is resized, and its foreground process told", async (t) => {
  const root = makeRoot(scratch(t));
  const script = "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 1; done";
  const run = launch(plan({ root, argv: sh(script), stdio: { pty: true, rows: 24, cols: 80, stdin: true } }));
  const seen = watch(run.channel);
  await seen.shows("ready");
  run.channel.write(frame(18, size(50, 132)));
  assert.deepEqual([...(await seen.reply()).payload], reply(18, 0));
  await seen.shows("50 132");
  await run.event("exit");
});

test("keys of a terminal reach the process: ^C ends it", async (t) => {
  const root = makeRoot(scratch(t));
  const argv = sh("trap 'exit 9' INT; echo ready; while :; do sleep 1; done");
  const run = launch(plan({ root, argv, stdio: { pty: true, stdin: true } }));
  await watch(run.channel).shows("ready");
  run.channel.write(frame(0, "\x03"));
  assert.equal((await run.event("exit"))?.exitCode, 9);
});

test("a pipe is no terminal", async (t) => {
  const root = makeRoot(scratch(t));
  const run = launch(plan({ root, argv: sh("tty; cat"), stdio: { stdin: true } }));
  const seen = watch(run.channel);
  await seen.shows("not a tty");
  run.channel.write(frame(18, size(1, 1)));
  assert.deepEqual([...(await seen.reply()).payload], reply(18, 25));
  run.channel.write(frame(17));
  assert.equal((await run.event("exit"))?.exitCode, 0);
});

test("stdin comes whole and in order through a process that reads slowly, then its end", async (t) => {
  const root = makeRoot(scratch(t));
  const run = launch(plan({ root, argv: sh("sleep 0.2; cat"), stdio: { stdin: true } }));
  const all = frames(run.channel);
  const sent = Buffer.from(Array.from({ length: 100_000 }, (_, i) => `${i}\n`).join(""));
  for (let at = 0; at < sent.length; at += 50_000) run.channel.write(frame(0, sent.subarray(at, at + 50_000)));
  run.channel.write(frame(17));
  assert.equal(output(await all), sent.toString());
});

test("with stdinOnce off, a half-close ends nothing", async (t) => {
  const root = makeRoot(scratch(t));
  const run = launch(plan({ root, argv: ["cat"], stdio: { stdin: true, stdinOnce: false } }));
  const seen = watch(run.channel);
  run.channel.write(Buffer.concat([frame(17), frame(0, "still here")]));
  await seen.shows("still here");
  run.channel.write(frame(19, signal(9)));
  assert.equal((await run.event("exit"))?.exitCode, 137);
});

test("without stdin a process reads the end of file", async (t) => {
  const root = makeRoot(scratch(t));
  assert.equal((await runToEnd({ root, argv: sh("cat; echo done") })).stdout, "done\n");
});

test("clients come and go; each gets the streams that it subscribed to", async (t) => {
  const directory = scratch(t);
  const path = join(directory, "socket");
  const argv = sh("while read line; do echo out-$line; echo err-$line >&2; done");
  const launcher = [{ op: "listen" as const, path }];
  const run = launch(plan({ root: makeRoot(directory), argv, launcher, stdio: { stdin: true, attached: false } }));
  await run.event("started");
  const [one, two] = [await connect(path), await connect(path)];
  const [seenOne, seenTwo, seenFirst] = [watch(one), watch(two), watch(run.channel)];
  one.write(frame(16, Buffer.from([1])));
  two.write(Buffer.concat([frame(16, Buffer.from([2])), frame(0, "a\n")]));
  await eventually(() => output(seenTwo.all(), 2) === "err-a\n");
  two.destroy();
  one.write(frame(0, "b\n"));
  await seenOne.shows("out-b\n");
  run.channel.write(frame(17));
  await Promise.all([seenOne.closed, seenFirst.closed]);
  assert.ok(!output(seenOne.all(), 2));
  assert.deepEqual(
    seenFirst.all().map(({ type }) => type),
    [33],
  );
  assert.deepEqual(seenOne.all().at(-1), { type: 33, payload: Buffer.alloc(0) });
});

test("a client that does not read is cut off, and holds up neither the process nor others", async (t) => {
  const directory = scratch(t);
  const path = join(directory, "socket");
  const argv = sh("read go; dd if=/dev/zero bs=64k count=256 2>/dev/null; echo end >&2; read go");
  const launcher = [{ op: "listen" as const, path }];
  const stdio = { stdin: true, attached: false };
  const before = [{ op: "mknod" as const, path: "/dev/zero", mode: 0o20666, major: 1, minor: 5, uid: 0, gid: 0 }];
  const run = launch(plan({ root: makeRoot(directory), argv, launcher, stdio, before }));
  await run.event("started");
  const [lazy, eager] = [await connect(path), await connect(path)];
  lazy.pause();
  lazy.write(frame(16, Buffer.from([3])));
  const seen = watch(eager);
  eager.write(frame(16, Buffer.from([2])));
  eager.write(frame(0, "go\n"));
  await eventually(() => output(seen.all(), 2) === "end\n");
  const read = watch(lazy);
  lazy.resume();
  await read.closed;
  assert.ok(output(read.all()).length < 3 << 20);
  eager.write(frame(17));
  await seen.closed;
});

test("a signal is sent by the channel; one that Linux has not is refused", async (t) => {
  const root = makeRoot(scratch(t));
  const run = launch(plan({ root, argv: sh("trap 'exit 12' USR1; echo ready; while :; do sleep 1; done"), stdio: {} }));
  const seen = watch(run.channel);
  await seen.shows("ready");
  run.channel.write(frame(19, signal(200)));
  assert.deepEqual([...(await seen.reply()).payload], reply(19, 22));
  run.channel.write(frame(19, signal(10)));
  assert.equal((await run.event("exit"))?.exitCode, 12);
});

test("a client that breaks the protocol is cut off alone", async (t) => {
  const directory = scratch(t);
  const path = join(directory, "socket");
  const launcher = [{ op: "listen" as const, path }];
  const run = launch(plan({ root: makeRoot(directory), argv: ["cat"], launcher, stdio: { stdin: true } }));
  await run.event("started");
  for (const bad of [
    frame(99),
    frame(18, "x"),
    frame(16, Buffer.alloc(1 << 20)),
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
  ]) {
    const socket = await connect(path);
    const seen = watch(socket);
    socket.write(bad);
    await seen.closed;
  }
  const all: Promise<Frame[]> = frames(run.channel);
  run.channel.write(Buffer.concat([frame(0, "alive"), frame(17)]));
  assert.equal(output(await all), "alive");
});

test("a user who is not root may open /dev/stdout again", async (t) => {
  const root = makeRoot(scratch(t));
  const after = [
    { op: "symlink" as const, target: "/proc/self/fd/1", path: "/dev/stdout" },
    { op: "set_user" as const, uid: 1000, gid: 1000, groups: [] },
  ];
  assert.equal((await runToEnd({ root, argv: sh("id -u; echo again > /dev/stdout"), after })).stdout, "1000\nagain\n");
});
