import assert from "node:assert/strict";
import { test } from "node:test";
import { minorMeant } from "./older-clients.ts";

test("docker-compose 1 is answered as of API 1.41 at the most; all others as they ask", () => {
  const compose = "docker-compose/1.29.2 docker-py/5.0.3 Linux/6.1.0";
  assert.equal(minorMeant(51, compose), 41);
  assert.equal(minorMeant(30, compose), 30);
  assert.equal(minorMeant(51, "compose/v2.26.1"), 51);
  assert.equal(minorMeant(51, "docker-sdk-python/7.1.0"), 51);
  assert.equal(minorMeant(51, undefined), 51);
});
