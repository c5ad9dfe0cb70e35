import assert from "node:assert/strict";
import { performServerHandshake } from "node:http2";
import { Duplex, PassThrough } from "node:stream";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { connectGrpc } from "./client.ts";
import { frame, GrpcError, STATUS, unframe } from "./frames.ts";
import { type Method, serveGrpc } from "./server.ts";

const MAX = 1024 * 1024;

/** Both sides, joined without a socket. */
function joined(methods: Record<string, Method>) {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const over = serveGrpc(Duplex.from({ readable: there, writable: back }), {
    methods: new Map(Object.entries(methods)),
    maxMessage: MAX,
  });
  const client = connectGrpc(Duplex.from({ readable: back, writable: there }), { maxMessage: MAX });
  return { client, over };
}

async function all(stream: AsyncIterable<Buffer>): Promise<string[]> {
  const texts: string[] = [];
  for await (const message of stream) texts.push(message.toString());
  return texts;
}

async function* pieces(data: Buffer, size: number) {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

test("messages come out as they went in, however the stream cuts them", async () => {
  const sent = Buffer.concat(["one", "", "three"].map((text) => frame(Buffer.from(text))));
  for (const size of [1, 2, 7, 100]) assert.deepEqual(await all(unframe(pieces(sent, size), 10)), ["one", "", "three"]);
});

test("a message that is too large, compressed or cut off is an error", async () => {
  const wrong: [Buffer, RegExp][] = [
    [frame(Buffer.alloc(11)), /11 bytes is larger than 10/],
    [Buffer.from([1, 0, 0, 0, 0]), /compressed/],
    [frame(Buffer.from("abc")).subarray(0, 6), /ends within a message/],
  ];
  for (const [bytes, expected] of wrong) await assert.rejects(all(unframe(pieces(bytes, 3), 10)), expected);
});

test("attack 31: a message in pieces of a byte takes no more memory than it is long", async () => {
  const size = MAX;
  const message = frame(Buffer.alloc(size));
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  // What is held, not what has not been collected yet.
  const used = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  let most = 0;
  async function* bytes() {
    for (let at = 0; at < message.length; at++) {
      yield message.subarray(at, at + 1);
      if (at % 100_000 === 0) most = Math.max(most, used() - before);
    }
  }
  assert.equal((await all(unframe(bytes(), size)))[0]?.length, size);
  assert.ok(most < 8 * MAX, `${most} bytes`);
});

test("attack 31: a connection that is gone before it is served keeps nobody", async () => {
  const gone = () => new Duplex({ read() {} }).destroy();
  await serveGrpc(gone(), { methods: new Map(), maxMessage: MAX });
  await connectGrpc(gone(), { maxMessage: MAX }).closed;
});

test("attack 31: an error of a megabyte, or of half a character, reaches the caller", async () => {
  const { client, over } = joined({
    // biome-ignore lint/correctness/useYield: it answers nothing
    "/a.B/Fail": async function* ({ requests }) {
      for await (const message of requests) throw new Error(message.length > 0 ? "é".repeat(MAX) : "half \ud83d");
    },
  });
  const fails = (message: Buffer) => client.call("/a.B/Fail", message);
  await assert.rejects(fails(Buffer.from("long")), { code: STATUS.unknown, message: /^é{4096}…$/ });
  await assert.rejects(fails(Buffer.alloc(0)), { code: STATUS.unknown, message: "half \ufffd" });
  client.close();
  await over;
});

test("attack 31: a server that ends without a status, or never, holds no caller", async () => {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const server = performServerHandshake(Duplex.from({ readable: there, writable: back }));
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    if (headers[":path"] === "/mute") return;
    stream.respond({ ":status": 200, "grpc-status": headers[":path"] === "/odd" ? "NaN" : undefined });
    stream.end();
  });
  const client = connectGrpc(Duplex.from({ readable: back, writable: there }), { maxMessage: MAX });
  // Its own side stays open.
  await assert.rejects(all(client.exchange("/silent").responses), { code: STATUS.internal });
  await assert.rejects(client.call("/odd", Buffer.alloc(0)), { code: STATUS.unknown });
  const giveUp = new AbortController();
  const mute = all(client.exchange("/mute", { signal: giveUp.signal }).responses);
  setImmediate(() => giveUp.abort());
  await assert.rejects(mute, { code: STATUS.cancelled });
  server.destroy();
  await client.closed;
});

test("calls and exchanges, with metadata both a text and a list", async () => {
  const { client, over } = joined({
    "/a.B/Echo": async function* ({ requests, metadata }) {
      for await (const message of requests) yield Buffer.from(`${message} ${metadata.who} ${metadata.list}`);
    },
  });
  assert.equal(
    (await client.call("/a.B/Echo", Buffer.from("hi"), { metadata: { who: "me", list: ["x", "y"] } })).toString(),
    "hi me x, y",
  );
  const { send, end, responses } = client.exchange("/a.B/Echo", { metadata: { who: "you", list: [] } });
  const answers = all(responses);
  for (const text of ["1", "2"]) await send(Buffer.from(text));
  end();
  assert.deepEqual(
    (await answers).map((text) => text.slice(0, 5)),
    ["1 you", "2 you"],
  );
  client.close();
  await over;
});

test("what a method throws is the caller's error; an unknown method is one", async () => {
  const { client, over } = joined({
    // biome-ignore lint/correctness/useYield: it answers nothing
    "/a.B/Fail": async function* () {
      throw new GrpcError(STATUS.notFound, "no such thing: é %");
    },
    "/a.B/Late": async function* () {
      yield Buffer.from("first");
      throw new Error("then this");
    },
  });
  const fails = (path: string) => client.call(path, Buffer.alloc(0));
  await assert.rejects(fails("/a.B/Fail"), { code: STATUS.notFound, message: "no such thing: é %" });
  await assert.rejects(fails("/a.B/Late"), { code: STATUS.unknown, message: "then this" });
  await assert.rejects(fails("/a.B/Nothing"), { code: STATUS.unimplemented });
  client.close();
  await over;
});

test("a caller that gives up is noticed", async () => {
  const noticed = Promise.withResolvers<void>();
  const { client, over } = joined({
    "/a.B/Wait": async function* ({ signal }) {
      yield Buffer.from("begun");
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      noticed.resolve();
    },
  });
  const { responses, end, cancel } = client.exchange("/a.B/Wait");
  end();
  await assert.rejects(
    async () => {
      for await (const _begun of responses) cancel();
    },
    { code: STATUS.cancelled },
  );
  await noticed.promise;
  client.close();
  await over;
});

test("much more than a window of data goes through, both ways", async () => {
  const { client, over } = joined({
    "/a.B/Count": async function* ({ requests }) {
      let bytes = 0;
      for await (const message of requests) {
        bytes += message.length;
        yield message;
      }
      yield Buffer.from(String(bytes));
    },
  });
  const { send, end, responses } = client.exchange("/a.B/Count");
  const received = (async () => {
    let bytes = 0;
    let last = Buffer.alloc(0);
    for await (const message of responses) {
      bytes += message.length;
      last = Buffer.from(message);
    }
    return { bytes, last: last.toString() };
  })();
  const size = 200_000;
  for (let n = 0; n < 50; n++) await send(Buffer.alloc(size, n));
  end();
  assert.deepEqual(await received, { bytes: 50 * size + "10000000".length, last: "10000000" });
  client.close();
  await over;
});
