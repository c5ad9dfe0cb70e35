import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRoot, runToEnd, scratch, sh } from "./harness.ts";

test("a process runs as PID 1 in its own root, and its output and exit code come back", async (t) => {
  const root = makeRoot(scratch(t));
  const end = await runToEnd({ root, argv: sh("echo $$; ls /; echo oops >&2; exit 7") });
  assert.match(end.stdout, /^1\n/);
  assert.equal(end.stderr, "oops\n");
  assert.equal(end.events.at(-1)?.exitCode, 7);
});
