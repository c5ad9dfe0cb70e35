import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { attachToContainer } from "../../src/engine/containers/attach.ts";
import { createDetachScanner, parseDetachKeys } from "../../src/engine/containers/detach-keys.ts";
import { resizeContainer } from "../../src/engine/containers/resize.ts";
import { serveClient } from "../../src/engine/containers/stream-client.ts";
import { createStreams, streamsOf } from "../../src/engine/containers/streams.ts";
import { createEventBus } from "../../src/engine/events.ts";
import { createDemultiplexer } from "../../src/wire/stdcopy.ts";
import { fakeChannel, fakeContainer, fakeStore, until } from "./fakes.ts";

/** A client's connection: what it gets is collected, what it types is pushed. */
function connection() {
  let got = Buffer.alloc(0);
  const stream = new Duplex({
    allowHalfOpen: true,
    read() {},
    write(chunk: Buffer, _encoding, done) {
      got = Buffer.concat([got, chunk]);
      done();
    },
  });
  const demultiplexed = () => {
    const text = { 1: "", 2: "" };
    createDemultiplexer((number, payload) => {
      text[number as 1 | 2] += payload.toString();
    })(got);
    return text;
  };
  return { stream, raw: () => got.toString(), text: demultiplexed };
}

function setUp(config: { Tty?: boolean; OpenStdin?: boolean; StdinOnce?: boolean } = {}) {
  const container = fakeContainer();
  Object.assign(container.record.config, { OpenStdin: true, StdinOnce: true, ...config });
  const events = createEventBus(() => 0n);
  const deps = { store: fakeStore(container), events, replay: async () => {} };
  const attach = (stream: Duplex, over: { stdin?: boolean; detachKeys?: string } = {}) => {
    const all = { stdin: true, stdout: true, stderr: true, logs: false, stream: true, frames: true };
    return attachToContainer(deps, container.record.id, { ...all, detachKeys: undefined, ...over }).run(stream);
  };
  const actions = () => events.past(0n).map(({ Action }) => Action);
  return { container, hub: streamsOf(container), attach, actions, deps };
}

test("a client that comes before the start gets the output from the first byte", async () => {
  const { hub, attach } = setUp();
  const client = connection();
  assert.equal(hub.wanted, false);
  const served = attach(client.stream);
  assert.equal(hub.wanted, true);
  client.stream.push("typed early");
  const channel = fakeChannel();
  hub.bind(channel);
  assert.equal(channel.mask & 3, 3);
  channel.output(1, "out");
  channel.output(2, "err");
  await until(() => channel.stdin === "typed early");
  channel.finish();
  await served;
  assert.deepEqual(client.text(), { 1: "out", 2: "err" });
});

test("a terminal's output comes as it is", async () => {
  const { hub, attach } = setUp({ Tty: true });
  const client = connection();
  const served = attach(client.stream);
  const channel = fakeChannel();
  hub.bind(channel);
  channel.output(1, "$ ");
  channel.finish();
  await served;
  assert.equal(client.raw(), "$ ");
});

test("a half-closed client with StdinOnce closes the process's stdin, and still gets output", async () => {
  const { hub, attach } = setUp();
  const client = connection();
  const served = attach(client.stream);
  const channel = fakeChannel();
  hub.bind(channel);
  client.stream.push("last words");
  client.stream.push(null);
  await until(() => channel.stdinClosed);
  assert.equal(channel.stdin, "last words");
  channel.output(1, "answer");
  channel.finish();
  await served;
  assert.equal(client.text()[1], "answer");
});

test("without StdinOnce stdin stays open, and the client's end of input ends its attachment", async () => {
  const { hub, attach } = setUp({ StdinOnce: false });
  const client = connection();
  const served = attach(client.stream);
  const channel = fakeChannel();
  hub.bind(channel);
  client.stream.push(null);
  await served;
  assert.equal(channel.stdinClosed, false);
});

test("detach keys end the client, not the container; what came before them is passed on", async () => {
  const { hub, attach, actions } = setUp({ Tty: true });
  const client = connection();
  const served = attach(client.stream);
  const channel = fakeChannel();
  hub.bind(channel);
  client.stream.push(Buffer.from([...Buffer.from("ls"), 16]));
  client.stream.push(Buffer.from([17]));
  await served;
  assert.equal(channel.stdin, "ls");
  assert.equal(channel.stdinClosed, false);
  assert.deepEqual(actions(), ["attach", "detach"]);
});

test("a begun detach sequence that goes on differently is input", () => {
  const scanner = createDetachScanner(parseDetachKeys("ctrl-p,ctrl-q"));
  assert.deepEqual(scanner.scan(Buffer.from([16])), { pass: Buffer.alloc(0), detached: false });
  assert.deepEqual([...scanner.scan(Buffer.from([16, 65])).pass], [16, 16, 65]);
  assert.deepEqual([...createDetachScanner(parseDetachKeys("a")).scan(Buffer.from("ba")).pass], [98]);
});

test("detach keys: letters and control characters, else 400", () => {
  assert.deepEqual([...parseDetachKeys("ctrl-a,x,ctrl-],ctrl-@")], [1, 120, 29, 0]);
  assert.throws(() => parseDetachKeys("ctrl-1"), /Invalid detach keys \(ctrl-1\) provided/);
});

test("a slow client holds nobody up and loses nothing", async () => {
  const { hub, attach } = setUp();
  const waiting: (() => void)[] = [];
  let slowBytes = 0;
  const slow = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      slowBytes += chunk.length;
      waiting.push(done);
    },
  });
  const reader = connection();
  const [slowServed, served] = [attach(slow), attach(reader.stream)];
  const channel = fakeChannel();
  hub.bind(channel);
  for (let i = 0; i < 20; i++) channel.output(1, `${i % 10}`.repeat(1 << 20));
  channel.finish();
  await served;
  assert.equal(reader.text()[1].length, 20 << 20);
  assert.equal(channel.paused, false);
  let over = false;
  void slowServed.then(() => {
    over = true;
  });
  await until(() => {
    waiting.shift()?.();
    return over && slow.writableLength === 0;
  });
  assert.equal(slowBytes, (20 << 20) + 20 * 8);
});

test("an exec waits for its client, until its process has ended", async () => {
  const hub = createStreams({ wait: true });
  const stuck = new Duplex({ read() {}, write() {} });
  const options = {
    stdin: false,
    stdout: true,
    stderr: true,
    tty: false,
    multiplexed: true,
    detachKeys: Buffer.alloc(0),
    closeStdin: true,
  };
  void serveClient(hub, stuck, { ...options, whenSlow: "wait" });
  const channel = fakeChannel();
  const ended = Promise.withResolvers<void>();
  hub.bind(channel, ended.promise);
  channel.output(1, "x".repeat(1 << 21));
  assert.equal(channel.paused, true);
  ended.resolve();
  await until(() => !channel.paused);
  stuck.destroy();
});

test("when the last client has gone, the monitor need not send output", async () => {
  const { hub, attach } = setUp();
  const client = connection();
  const served = attach(client.stream);
  const channel = fakeChannel();
  hub.bind(channel);
  assert.equal(channel.mask & 3, 3);
  client.stream.destroy();
  await served;
  assert.equal(channel.mask & 3, 0);
});

test("a failed start ends those who waited for it", async () => {
  const { hub, attach } = setUp();
  const served = attach(connection().stream);
  hub.abandon();
  await served;
  assert.equal(hub.wanted, false);
});

test("a terminal's size may come before the start; it is refused when the container has ended", async () => {
  const { container, hub, deps } = setUp({ Tty: true });
  await resizeContainer(deps, container.record.id, { h: "24", w: "80" });
  const channel = fakeChannel();
  hub.bind(channel);
  assert.deepEqual(channel.sizes, [[24, 80]]);
  await assert.rejects(resizeContainer(deps, container.record.id, { h: "x", w: "80" }), /invalid resize height/);
  container.record.state.status = "exited";
  await assert.rejects(resizeContainer(deps, container.record.id, { h: "1", w: "1" }), /is not running/);
});

test("paused and restarting containers are not attached to", () => {
  const { container, attach } = setUp();
  container.record.state.status = "paused";
  assert.throws(() => attach(connection().stream), /is paused, unpause the container before attach/);
  container.record.state.status = "restarting";
  assert.throws(() => attach(connection().stream), /is restarting, wait until the container is running/);
});
