/** testcontainers' compose module, by compose 2 of each newer suite. */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type * as Testcontainers from "testcontainers";
import { stopWithoutFaults } from "../clients/clients.ts";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { clientOf, suites } from "./clients.ts";

let engine: TestEngine;
let tc: typeof Testcontainers;
const { PATH } = process.env;
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  Object.assign(process.env, {
    DOCKER_HOST: engine.host,
    TESTCONTAINERS_HOST_OVERRIDE: "127.0.0.1",
    TESTCONTAINERS_RYUK_DISABLED: "true",
    ...{ TMPDIR: engine.directory, HOME: engine.directory },
  });
  tc = await import("testcontainers");
});
after(() => stopWithoutFaults(engine));

for (const suite of suites()) {
  test(`compose of Debian ${suite.name}: up, wait for health and port, exec, down`, async () => {
    const { environment } = clientOf(suite, engine, { plugins: ["docker-compose"] });
    const bin = join(engine.directory, `bin-${suite.name}`);
    mkdirSync(bin);
    symlinkSync(suite.docker, join(bin, "docker"));
    Object.assign(process.env, environment, { PATH: `${bin}:${PATH}` });
    const stack = await new tc.DockerComposeEnvironment(
      join(import.meta.dirname, "../clients/stack"),
      "docker-compose.yml",
    )
      .withProjectName(`tc-${suite.name}`)
      .withWaitStrategy("database-1", tc.Wait.forHealthCheck())
      .withWaitStrategy("web-1", tc.Wait.forListeningPorts())
      .up();
    const web = stack.getContainer("web-1");
    const answer = await fetch(`http://127.0.0.1:${web.getMappedPort(80)}/`);
    assert.equal(await answer.text(), "welcome to the stack\n");
    const { output, exitCode } = await web.exec(["cat", "/settings/site.conf"]);
    assert.deepEqual([output, exitCode], ["color = blue\n", 0]);
    await stack.down({ removeVolumes: true });
    assert.equal(await engine.ok("ps", "-aq"), "");
    assert.equal(await engine.ok("volume", "ls", "-q"), "");
  });
}
