/** docker-py, as Debian packages it: the tests are Python (docker_py.py); this starts the engine and reports each. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { startEngine } from "../support/engine.ts";
import { packagedPython, stopWithoutFaults } from "./clients.ts";

type Line = { name: string; skipped?: string; failed?: string };

test("docker-py", { skip: await packagedPython() }, async (t) => {
  const engine = await startEngine();
  try {
    await importBusybox(engine);
    const { stdout, stderr } = await command("/usr/bin/python3", [join(import.meta.dirname, "docker_py.py")], {
      env: { DOCKER_HOST: engine.host, PYTHONDONTWRITEBYTECODE: "1", PYTHONWARNINGS: "ignore" },
      seconds: 150,
    });
    const lines = stdout
      .split("\n")
      .filter(Boolean)
      .map((line): Line => JSON.parse(line));
    for (const { name, skipped, failed } of lines) {
      await t.test(name, (one) => {
        if (skipped !== undefined) one.skip(skipped);
        assert.equal(failed, undefined);
      });
    }
    assert.equal(stderr, "");
    assert.ok(lines.length >= 20, "the Python program ended before its time");
  } finally {
    await stopWithoutFaults(engine);
  }
});
