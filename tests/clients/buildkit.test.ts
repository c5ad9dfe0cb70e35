/** DOCKER_BUILDKIT=1 with a docker CLI that has BuildKit's client inside: those before buildx. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { buildkitCases, contextOf } from "./buildkit-cases.ts";
import { dockerClients, stopWithoutFaults } from "./clients.ts";

const [oldest] = await dockerClients();
const skip = oldest?.version.startsWith("20.") ? false : "no docker CLI 20.10, which is Debian's docker.io";

let engine: TestEngine;
before(async () => {
  if (skip) return;
  engine = await startEngine();
  await importBusybox(engine);
});
after(() => stopWithoutFaults(engine));

if (skip || !oldest) test("BuildKit by the CLI's own client", { skip }, () => {});
else {
  const env = () => ({
    DOCKER_HOST: engine.host,
    DOCKER_CONFIG: `${engine.directory}/docker-config`,
    DOCKER_BUILDKIT: "1",
    BUILDKIT_PROGRESS: "plain",
  });
  buildkitCases({
    name: `docker ${oldest.version}`,
    engine: () => engine,
    build: (args, { signal } = {}) =>
      command(oldest.path, ["build", ...args], {
        env: env(),
        ...(signal && { signal }),
      }),
  });

  test(`docker ${oldest.version}: a context that comes as an archive`, async () => {
    const directory = contextOf(engine, "piped", {
      "in/Other": "FROM busybox\nCOPY sub /sub\nRUN cat /sub/file\n",
      "sub/file": "piped\n",
    });
    const build = `tar -C ${directory} -c . | ${oldest.path} build --no-cache -f`;
    const built = await command("sh", ["-c", `${build} in/Other -`], { env: env() });
    assert.equal(built.code, 0, built.stderr);
    assert.match(built.stderr, / piped\n/);
    const failed = await command("sh", ["-c", `${build} nosuch -`], { env: env() });
    assert.notEqual(failed.code, 0);
    assert.match(failed.stderr, /Dockerfile: nosuch/);
  });

  test(`docker ${oldest.version}: a .dockerignore that its client cannot read ends the build`, async () => {
    const files = { Dockerfile: "FROM scratch\nCOPY . /\n", ...{ a: "1", b: "2", c: "3" } };
    for (const [pattern, expected] of [
      ["[", /syntax error in pattern/],
      ["!", /illegal exclusion pattern/],
    ] as const) {
      const directory = contextOf(engine, "unreadable", { ...files, ".dockerignore": `${pattern}\n` });
      const { code, stderr } = await command(oldest.path, ["build", directory], { env: env() });
      assert.notEqual(code, 0);
      assert.match(stderr, expected);
    }
  });
}
