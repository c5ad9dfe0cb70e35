/**
 * The machine is left as it was found: run last, after every other test. What was there before the suite is not its doing:
 * scripts/run-tests.ts keeps a list of that.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Leftovers, leftovers } from "./support/leftovers.ts";
import { until } from "./support/until.ts";

const baseline = process.env.CLOCHE_LEFT_BEFORE;
const before: Partial<Leftovers> = baseline ? JSON.parse(readFileSync(baseline, "utf8")) : {};

for (const kind of ["mounts", "cgroups", "processes", "links", "tables", "namespaces", "folders"] as const) {
  test(`no ${kind} of a test or an engine are left`, async () => {
    const left = async () => (await leftovers())[kind].filter((line) => !before[kind]?.includes(line));
    // The last process of a test may need a moment to go.
    await until(async () => (await left()).length === 0, { seconds: 10, every: 250 }).catch(() => {});
    assert.deepEqual(await left(), []);
  });
}
