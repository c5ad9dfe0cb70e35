/** Tests of bridges, rules and ports run in a network namespace of their own: what they make cannot outlive them. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { command } from "../support/command.ts";

/** @param url import.meta.url of the test file; it is started again inside, where `define` defines the tests */
export function inOwnNetwork(url: string, define: () => void): void {
  if (process.env.CLOCHE_OWN_NETWORK === "1") {
    define();
    return;
  }
  const file = fileURLToPath(url);
  test(`${basename(file)}, in a network namespace of its own`, async () => {
    const script = 'ip link set lo up && exec "$0" --disable-warning=ExperimentalWarning "$1"';
    const outcome = await command("unshare", ["--net", "sh", "-c", script, process.execPath, file], {
      env: { CLOCHE_OWN_NETWORK: "1", NODE_TEST_CONTEXT: "" },
      seconds: 300,
    });
    assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
  });
}
