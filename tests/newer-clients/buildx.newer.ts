/** `docker build` and `docker buildx` with the buildx plugin. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buildkitCases, contextOf } from "../clients/buildkit-cases.ts";
import { stopWithoutFaults } from "../clients/clients.ts";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { clientOf, type Suite, suites } from "./clients.ts";

for (const suite of suites()) describe(`buildx of ${suite.name}`, () => buildxTests(suite));

function buildxTests(suite: Suite): void {
  let engine: TestEngine;
  before(async () => {
    engine = await startEngine();
    await importBusybox(engine);
  });
  after(() => stopWithoutFaults(engine));
  const buildx = (options: { cwd?: string; signal?: AbortSignal } = {}) =>
    clientOf(suite, engine, { plugins: ["docker-buildx"], ...options });
  buildkitCases({
    name: `buildx of ${suite.name}`,
    engine: () => engine,
    build: (args, options) => buildx(options).run("build", ...args),
  });

  test(`${suite.name}: buildx sees one builder, which runs`, async () => {
    assert.match(await buildx().ok("buildx", "ls"), /default\*\s.*docker[\s\S]*running/);
    assert.match(await buildx().ok("buildx", "inspect"), /Platforms:\s+linux\/amd64/);
    // Of the caches that the cases have left.
    assert.match(await buildx().ok("buildx", "du"), /build-cache-[0-9a-f]{32}/);
    assert.match(await buildx().ok("buildx", "prune", "-f"), /build-cache-[0-9a-f]{32}/);
    assert.match(await buildx().ok("buildx", "du"), /Total:\s+0B/);
  });

  test(`${suite.name}: other directories and images by name`, async () => {
    const directory = contextOf(engine, `${suite.name}-named`, {
      Dockerfile: "FROM nosuch AS replaced\nFROM base\nCOPY --from=more a /a\nCOPY --from=replaced /b /b\n",
    });
    const more = contextOf(engine, `${suite.name}-more`, { a: "more\n", b: "left out\n", ".dockerignore": "b\n" });
    const replaced = contextOf(engine, `${suite.name}-replaced`, { b: "instead of a stage\n" });
    const contexts = { base: "docker-image://busybox", more, replaced };
    const flags = Object.entries(contexts).flatMap(([name, value]) => ["--build-context", `${name}=${value}`]);
    await buildx().ok("build", "-t", "named", ...flags, directory);
    const files = await engine.ok("run", "--rm", "--network", "none", "named", "cat", "/a", "/b");
    assert.equal(files, "more\ninstead of a stage");
    const ignored = contextOf(engine, `${suite.name}-left-out`, { Dockerfile: "FROM base\nCOPY --from=more b /b\n" });
    assert.notEqual((await buildx().run("build", ...flags, ignored)).code, 0);
  });

  test(`${suite.name}: a context that is an archive, and a Dockerfile alone, by stdin`, async () => {
    const directory = contextOf(engine, `${suite.name}-archive`, {
      "other.file": "FROM busybox\nCOPY a /a\n",
      a: "packed\n",
    });
    const shell = (line: string) =>
      command("sh", ["-c", line], { cwd: directory, env: { ...buildx().environment, D: suite.docker } });
    const packed = await shell('tar -c . | "$D" build -t packed -f other.file -');
    assert.equal(packed.code, 0, packed.stderr);
    assert.equal(await engine.ok("run", "--rm", "--network", "none", "packed", "cat", "/a"), "packed");
    const alone = await shell('echo "FROM busybox" | "$D" build -q -');
    assert.match(alone.stdout, /^sha256:/, alone.stderr);
    const beside = await shell('cat other.file | "$D" build -q -f - .');
    assert.match(beside.stdout, /^sha256:/, beside.stderr);
  });

  test(`${suite.name}: bake, and what is said of the result`, async () => {
    const directory = contextOf(engine, `${suite.name}-bake`, {
      "docker-bake.json": JSON.stringify({
        target: { one: { dockerfile: "Dockerfile", target: "a", tags: ["baked:one"], args: { V: "1" } } },
      }),
      Dockerfile: "FROM busybox AS a\nARG V\nRUN echo $V >/v\nFROM busybox AS b\nRUN exit 1\n",
    });
    const metadata = join(engine.directory, `${suite.name}-metadata.json`);
    await buildx({ cwd: directory }).ok("buildx", "bake", "--metadata-file", metadata, "one");
    assert.equal(await engine.ok("run", "--rm", "--network", "none", "baked:one", "cat", "/v"), "1");
    const id = await engine.ok("image", "inspect", "-f", "{{.Id}}", "baked:one");
    assert.equal(JSON.parse(readFileSync(metadata, "utf8")).one["containerimage.config.digest"], id);
  });

  test(`${suite.name}: what is not supported is refused in words`, async () => {
    const directory = contextOf(engine, `${suite.name}-refused`, { Dockerfile: "FROM busybox\nRUN true\n" });
    const refused: [string[], RegExp][] = [
      [["--platform", "linux/amd64,linux/arm64"], /platform/i],
      [["--no-cache-filter", "x"], /--no-cache-filter is not supported/],
      [["--output", "type=oci,dest=/dev/null"], /oci/i],
    ];
    for (const [args, expected] of refused) {
      const { code, stderr } = await buildx().run("build", ...args, directory);
      assert.notEqual(code, 0, args.join(" "));
      assert.match(stderr, expected);
    }
    assert.equal(await engine.ok("ps", "-aq"), "");
  });
}
