/** Tests of bridges, rules and ports run in a network namespace of their own: what they make cannot outlive them. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";

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

/** A whole engine for such a test. */
export async function startWithBusybox(): Promise<TestEngine> {
  // A socket's path has 107 bytes at most (unix(7)), and the engine's are long.
  const execRoot = mkdtempSync("/tmp/e-");
  const engine = await startEngine(["--exec-root", execRoot]);
  const { stop } = engine;
  engine.stop = async () => {
    await stop();
    rmSync(execRoot, { recursive: true, force: true });
  };
  await importBusybox(engine, "busybox");
  return engine;
}
