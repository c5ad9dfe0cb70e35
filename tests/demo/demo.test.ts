/** The seed's two parts, typed with our own command line and with the unmodified docker CLI. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { command } from "../support/command.ts";
import { projectRoot } from "../support/engine.ts";

const CHECKS = 23;

for (const client of ["cloche", "docker"]) {
  test(`./cloche demo --client ${client} passes every check`, async () => {
    const outcome = await command(join(projectRoot, "cloche"), ["demo", "--client", client], { seconds: 300 });
    const summary = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\n$/.exec(outcome.stdout);
    assert.ok(summary, outcome.stdout + outcome.stderr);
    assert.equal(summary[2], "0", outcome.stdout + outcome.stderr);
    assert.equal(outcome.code, 0);
    assert.ok(Number(summary[1]) + Number(summary[3] ?? 0) >= CHECKS, `${summary[0]}: fewer checks than the demo has`);
  });
}

test("the demo refuses an unknown client with the choice", async () => {
  const outcome = await command(join(projectRoot, "cloche"), ["demo", "--client", "podman"]);
  assert.equal(outcome.code, 2);
  assert.match(outcome.stderr, /--client is cloche or docker, not "podman"/);
});
