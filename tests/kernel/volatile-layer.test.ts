/** Decision 0038: what goes with its container is mounted without promises about a loss of power, and can be mounted again. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";

describe("the layer of a --rm container", { skip }, () => {
  let engine: TestEngine;
  before(async () => {
    engine = await startEngine();
    await importBusybox(engine);
  });
  after(() => engine?.stop());

  const rootMount = (name: string) => engine.ok("exec", name, "grep", " / overlay ", "/proc/mounts");

  test("it alone is volatile", async () => {
    await engine.ok("run", "-d", "--rm", "--network", "none", "--name", "passing", "busybox", "sleep", "1000");
    await engine.ok("run", "-d", "--network", "none", "--name", "staying", "busybox", "sleep", "1000");
    assert.match(await rootMount("passing"), /[,=]volatile\b/);
    assert.doesNotMatch(await rootMount("staying"), /volatile/);
  });

  test("a restart finds what was written before, again and again", async () => {
    await engine.ok("exec", "passing", "sh", "-c", "echo kept > /file");
    for (const time of ["1", "2"]) {
      await engine.ok("restart", "--time", "0", "passing");
      assert.equal(await engine.ok("exec", "passing", "cat", "/file"), "kept", `restart ${time}`);
    }
  });
});
