/** Building with newer clients by the classic builder and by compose, which has several ways; buildx: buildx.newer.ts. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { stopWithoutFaults } from "../clients/clients.ts";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { clientOf, suites } from "./clients.ts";

let engine: TestEngine;
let directory = "";
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  directory = join(engine.directory, "built");
  mkdirSync(join(directory, "files"), { recursive: true });
  writeFileSync(join(directory, "files/a"), "copied\n");
  writeFileSync(
    join(directory, "Dockerfile"),
    "FROM busybox AS one\nARG V=1\nCOPY files /f\nFROM one\nRUN echo $V >/v\n",
  );
  const service = "services:\n  app:\n    build: .\n    command: cat /f/a\n";
  writeFileSync(join(directory, "docker-compose.yml"), service);
});
after(() => stopWithoutFaults(engine));

for (const suite of suites()) {
  test(`${suite.name}: without buildx the CLI builds by the classic builder`, async () => {
    const client = clientOf(suite, engine, { plugins: [] });
    const { code, stdout, stderr } = await client.run("build", "-t", `cli-${suite.name}`, directory);
    assert.equal(code, 0, stderr + stdout);
    assert.match(stdout, new RegExp(`Successfully tagged cli-${suite.name}:latest`));
    assert.equal(await client.ok("run", "--rm", `cli-${suite.name}`, "cat", "/f/a"), "copied\n");
  });

  test(`${suite.name}: with buildx, DOCKER_BUILDKIT=0 still asks for the classic builder`, async () => {
    const classic = clientOf(suite, engine, { plugins: ["docker-buildx"], env: { DOCKER_BUILDKIT: "0" } });
    assert.match((await classic.run("build", directory)).stdout, /Successfully built/);
  });

  const ways: Record<string, { plugins: string[]; env: Record<string, string> }> = {
    "the classic builder": { plugins: [], env: { DOCKER_BUILDKIT: "0", COMPOSE_BAKE: "0" } },
    "BuildKit's protocol": { plugins: ["docker-buildx"], env: { COMPOSE_BAKE: "0" } },
    "buildx bake": { plugins: ["docker-buildx"], env: { COMPOSE_BAKE: "1" } },
  };
  for (const [way, { plugins, env }] of Object.entries(ways)) {
    test(`${suite.name}: compose builds what a service needs, by ${way}`, async () => {
      const client = clientOf(suite, engine, { plugins: ["docker-compose", ...plugins], cwd: directory, env });
      const words = ["compose", "-p", `built-${suite.name}`, "-f", join(directory, "docker-compose.yml")];
      await client.ok(...words, "build");
      const up = await client.run(...words, "up", "--no-log-prefix");
      assert.equal(up.code, 0, up.stderr);
      assert.match(up.stdout, /copied/);
      await client.ok(...words, "down", "--rmi", "all");
    });
  }
}
