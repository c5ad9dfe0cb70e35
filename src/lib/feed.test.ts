import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as tick } from "node:timers/promises";
import { createFeed } from "./feed.ts";

test("what was told before the reader came is read as well, in order, to the end", async () => {
  const feed = createFeed<number>();
  feed.tell(1, 10);
  feed.tell(2, 10);
  assert.equal(feed.unreadBytes(), 20);
  const read: number[] = [];
  const over = (async () => {
    for await (const update of feed.read()) read.push(update);
  })();
  await tick();
  assert.equal(feed.unreadBytes(), 0);
  feed.tell(3);
  await feed.settled();
  assert.deepEqual(read, [1, 2, 3]);
  feed.end();
  await over;
});

test("settled waits for a slow reader, and for none that there is not", async () => {
  const feed = createFeed<number>();
  feed.tell(1);
  await feed.settled();
  const reader = feed.read();
  assert.equal((await reader.next()).value, 1);
  let settled = false;
  const settling = feed.settled().then(() => {
    settled = true;
  });
  await tick();
  assert.equal(settled, false);
  const next = reader.next();
  await settling;
  feed.end();
  assert.equal((await next).done, true);
});

test("a reader that goes away in the middle holds nobody up", async () => {
  const feed = createFeed<number>();
  feed.tell(1);
  feed.tell(2);
  const reader = feed.read();
  await reader.next();
  const settling = feed.settled();
  await reader.return(undefined);
  await settling;
});

test("a signal ends a reader that waits, and what it has not had is the next one's", async () => {
  const feed = createFeed<number>();
  const gone = new AbortController();
  const first = feed.read(gone.signal).next();
  await tick();
  gone.abort();
  assert.equal((await first).done, true);
  feed.tell(1);
  assert.equal((await feed.read().next()).value, 1);
});
