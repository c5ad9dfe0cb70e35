import assert from "node:assert/strict";
import { Duplex, PassThrough } from "node:stream";
import { test } from "node:test";
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

test("calls and exchanges, with metadata both a text and a list", async () => {
  const { client, over } = joined({
    "/a.B/Echo": async function* ({ requests, metadata }) {
      for await (const message of requests) yield Buffer.from(`${message} ${metadata.who} ${metadata.list}`);
    },
  });
  assert.equal(
    (await client.call("/a.B/Echo", Buffer.from("hi"), { who: "me", list: ["x", "y"] })).toString(),
    "hi me x, y",
  );
  const { send, end, responses } = client.exchange("/a.B/Echo", { who: "you", list: [] });
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
