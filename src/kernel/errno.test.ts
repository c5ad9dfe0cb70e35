import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { errnoName } from "./errno.ts";

test("the table agrees with the one that Node was built with", () => {
  const aliases = { EWOULDBLOCK: "EAGAIN", ENOTSUP: "EOPNOTSUPP", EDEADLOCK: "EDEADLK" };
  for (const [name, number] of Object.entries(constants.errno)) {
    if (!(name in aliases)) assert.equal(errnoName(number), name);
  }
});

test("a number without a name is told as a number", () => {
  assert.equal(errnoName(999), "errno 999");
  assert.equal(errnoName(41), "errno 41");
});
