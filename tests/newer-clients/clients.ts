/** Docker's newer clients, as scripts/test-clients unpacked them of Debian's newer suites. */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { command, type Outcome } from "../support/command.ts";
import type { TestEngine } from "../support/engine.ts";

export type Suite = {
  /** "forky" */
  name: string;
  docker: string;
  plugins: string;
};

/** What CLOCHE_NEWER_CLIENTS names: a directory for each suite. */
export function suites(): Suite[] {
  const directories = (process.env.CLOCHE_NEWER_CLIENTS ?? "").split(":").filter(Boolean);
  assert.ok(directories.length > 0, "run this by `npm run test:clients`, which fetches the clients");
  return directories.map((directory) => ({
    name: basename(directory).split("-")[1] ?? directory,
    docker: join(directory, "usr/bin/docker"),
    plugins: join(directory, "usr/libexec/docker/cli-plugins"),
  }));
}

export type Client = {
  environment: Record<string, string>;
  run(...args: string[]): Promise<Outcome>;
  /** Throws unless it exits with 0; returns stdout. */
  ok(...args: string[]): Promise<string>;
};

/**
 * A suite's docker CLI on an engine, with the plugins named and no other setting of the machine's.
 * @param options.cwd where it is run. @param options.signal interrupts what it runs
 */
export function clientOf(
  suite: Suite,
  engine: TestEngine,
  options: { plugins: string[]; cwd?: string; env?: Record<string, string>; signal?: AbortSignal },
): Client {
  const config = join(engine.directory, `config-${suite.name}-${options.plugins.join("-")}`);
  mkdirSync(join(config, "cli-plugins"), { recursive: true });
  for (const plugin of options.plugins) {
    try {
      symlinkSync(join(suite.plugins, plugin), join(config, "cli-plugins", plugin));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
  const environment = { DOCKER_HOST: engine.host, DOCKER_CONFIG: config, HOME: engine.directory, ...options.env };
  const run = (...args: string[]) =>
    command(suite.docker, args, {
      ...{ env: environment, seconds: 180 },
      ...(options.cwd && { cwd: options.cwd }),
      ...(options.signal && { signal: options.signal }),
    });
  return {
    environment,
    run,
    async ok(...args) {
      const { code, stdout, stderr } = await run(...args);
      assert.equal(code, 0, `docker ${args.join(" ")}:\n${stderr}${stdout}\n${engine.log()}`);
      return stdout;
    },
  };
}
