/** docs/api-coverage.md, the routes and the API's description name the same operations. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { OTHER_OPERATIONS, PLUGIN_OPERATIONS, SWARM_OPERATIONS } from "../../src/api/operations.ts";

const root = join(import.meta.dirname, "../..");

/** "| GET | /containers/{id}/json | done | … |" */
const rows = readFileSync(join(root, "docs/api-coverage.md"), "utf8")
  .split("\n")
  .map((line) => /^\| (GET|POST|PUT|DELETE|HEAD) \| (\S+) \| (done|501|503) \|/.exec(line))
  .filter((match) => match !== null)
  .map(([, method, path, state]) => ({ name: `${method} ${path?.replace(/{(\w+)}/g, ":$1")}`, state }));

const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

test("every operation of the API is listed once", () => {
  const listed = rows.map(({ name }) => name).sort();
  const known = [...OTHER_OPERATIONS, ...PLUGIN_OPERATIONS, ...SWARM_OPERATIONS].map(nameOf).sort();
  assert.deepEqual(listed, known);
});

test("swarm and plugins are listed as they answer", () => {
  const stateOf = new Map(rows.map(({ name, state }) => [name, state]));
  for (const operation of SWARM_OPERATIONS) assert.equal(stateOf.get(nameOf(operation)), "503");
  for (const operation of PLUGIN_OPERATIONS) assert.equal(stateOf.get(nameOf(operation)), "501");
});
