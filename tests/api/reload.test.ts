/** SIGHUP, which dockerd takes as "read the configuration again" and a closed terminal sends: the engine goes on. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";

test("SIGHUP reads the configuration again: the log's level at once, the rest is named; a broken file changes nothing", async () => {
  const directory = mkdtempSync(join(tmpdir(), "cloche-reload-"));
  const file = join(directory, "engine.json");
  writeFileSync(file, "{}");
  const engine = await startEngine(["--config-file", file]);
  try {
    const reload = async (content: string, said: RegExp) => {
      writeFileSync(file, content);
      process.kill(engine.pid, "SIGHUP");
      await until(async () => said.test(engine.log()), { what: () => `${said}\n${engine.log()}` });
    };
    await reload('{"log-level":"warn"', /SIGHUP: the configuration stays as it was: unable to configure the engine/);
    await reload('{"bip":"10.9.0.1/24"}', /"waiting":\["bip"\].*needs a restart of the engine, containers go on/);
    await reload('{"debug":true}', /"logLevel":"debug".*SIGHUP: the configuration is read again"/);
    assert.equal((await engine.docker("ps", "-q")).code, 0);
  } finally {
    await engine.stop();
    rmSync(directory, { recursive: true });
  }
});
