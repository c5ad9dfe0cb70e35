import assert from "node:assert/strict";
import { test } from "node:test";
import { createArrivals } from "./arrivals.ts";

const SHORT_MS = 10;
const LONG_MS = 600_000;

test("all who wait for a name get it; who waits for another goes on", async () => {
  const arrivals = createArrivals<number>(SHORT_MS);
  const [first, second, other] = [arrivals.find("a"), arrivals.find("a"), arrivals.find("b")];
  arrivals.set("a", 1);
  assert.deepEqual(await Promise.all([first, second, other, arrivals.find("a")]), [1, 1, undefined, 1]);
});

test("a signal ends the waiting, and one that has fired lets nobody wait", async () => {
  const arrivals = createArrivals<number>(LONG_MS);
  const end = new AbortController();
  const found = arrivals.find("a", end.signal);
  end.abort();
  assert.equal(await found, undefined);
  assert.equal(await arrivals.find("a", end.signal), undefined);
});

test("what has lost its name to another does not take it away", () => {
  const arrivals = createArrivals<object>(SHORT_MS);
  const [first, second] = [{}, {}];
  arrivals.set("a", first);
  arrivals.set("a", second);
  arrivals.delete("a", first);
  assert.equal(arrivals.get("a"), second);
  arrivals.delete("a", second);
  assert.equal(arrivals.get("a"), undefined);
});
