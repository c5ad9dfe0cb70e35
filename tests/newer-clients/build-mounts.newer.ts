/** RUN --mount as buildx asks for it. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { stopWithoutFaults } from "../clients/clients.ts";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { type Builder, scenes } from "./build-mounts-scenes.ts";
import { clientOf, type Suite, suites } from "./clients.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
});
after(() => stopWithoutFaults(engine));

for (const suite of suites())
  for (const { name, play } of scenes) test(`${suite.name}: ${name}`, () => play(engine, builderOf(suite)));

function builderOf(suite: Suite): Builder {
  return async (dockerfile, { files = {}, secrets = {}, tag, noCache, signal } = {}) => {
    const directory = mkdtempSync(join(engine.directory, "build-"));
    const context = join(directory, "context");
    const write = (path: string, text: string) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    };
    write(join(directory, "Dockerfile"), dockerfile);
    mkdirSync(context);
    for (const [path, text] of Object.entries(files)) write(join(context, path), text);
    const given = Object.entries(secrets).map(
      ([id, text], number) => `--secret=id=${id},src=${write(join(directory, `secret${number}`), text)}`,
    );
    const options = [...given, ...(tag === undefined ? [] : ["-t", tag]), ...(noCache ? ["--no-cache"] : [])];
    const { docker } = suite;
    const { environment } = clientOf(suite, engine, { plugins: ["docker-buildx"] });
    const { code, stdout, stderr } = await command(
      docker,
      ["build", "--progress=plain", "-f", join(directory, "Dockerfile"), ...options, context],
      { env: environment, seconds: 180, ...(signal && { signal }) },
    );
    const output = stderr + stdout;
    return { ok: code === 0, output, cached: output.match(/^#\d+ CACHED$/gm)?.length ?? 0 };
  };
}
