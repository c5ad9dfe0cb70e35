import assert from "node:assert/strict";
import { test } from "node:test";
import { rlimitNames, rlimitResource } from "./rlimits.ts";

test("limits are known by their docker and their Linux name", () => {
  assert.equal(rlimitResource("nofile"), 7);
  assert.equal(rlimitResource("RLIMIT_RTTIME"), 15);
  assert.throws(() => rlimitResource("files"), { message: "invalid ulimit type: files" });
  assert.throws(() => rlimitResource("constructor"), /invalid ulimit type/);
});

test("every number from 0 to 15 has exactly one name", () => {
  assert.deepEqual(
    rlimitNames.map(rlimitResource),
    Array.from({ length: 16 }, (_, number) => number),
  );
});
