import assert from "node:assert/strict";
import { test } from "node:test";
import { createDeparted } from "./departed.ts";

test("an end is known for five minutes, and of the last thousand only", () => {
  let now = 0;
  const departed = createDeparted(() => now);
  departed.add("first", { exitCode: 3 });
  assert.deepEqual(departed.get("first"), { exitCode: 3 });
  now = 5 * 60_000 + 1;
  assert.equal(departed.get("first"), undefined);
  for (let index = 0; index <= 1000; index++) departed.add(`${index}`, { exitCode: index });
  assert.equal(departed.get("0"), undefined);
  assert.deepEqual(departed.get("1"), { exitCode: 1 });
  assert.deepEqual(departed.get("1000"), { exitCode: 1000 });
});
