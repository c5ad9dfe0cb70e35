/** The clients that a machine may have or not, and what every client's test asks of the engine. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { command } from "../support/command.ts";
import type { TestEngine } from "../support/engine.ts";

/** The docker CLIs in PATH, one of each version, the oldest first: Debian's package may have a newer one before it. */
export async function dockerClients(): Promise<{ path: string; version: string }[]> {
  const found = new Map<string, string>();
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(directory, "docker");
    if (!existsSync(path)) continue;
    const version = /version ([\d.]+)/.exec((await command(path, ["--version"])).stdout)?.[1];
    if (version !== undefined && !found.has(version)) found.set(version, path);
  }
  return [...found]
    .map(([version, path]) => ({ version, path }))
    .sort((a, b) => Number.parseFloat(a.version) - Number.parseFloat(b.version));
}

/** False, or the reason to skip: Debian's python3-docker, for the system's own python3. */
export async function packagedPython(): Promise<string | false> {
  if (!existsSync("/usr/bin/python3")) return "python3 is not installed";
  const { code } = await command("/usr/bin/python3", ["-c", "import docker"]);
  return code === 0 ? false : "python3-docker is not installed";
}

/** False, or the reason to skip: Debian's docker-compose, which is version 1. */
export async function packagedCompose(): Promise<string | false> {
  if (!existsSync("/usr/bin/docker-compose")) return "docker-compose is not installed";
  const { stdout } = await command("/usr/bin/docker-compose", ["version", "--short"]);
  return stdout.startsWith("1.") ? false : `docker-compose is version ${stdout.trim()}, not 1`;
}

/** Stop an engine, and fail if a request of the client's has failed inside of it. */
export async function stopWithoutFaults(engine: TestEngine | undefined): Promise<void> {
  const faults = engine?.log().match(/^.*"msg":"request failed".*$/gm) ?? [];
  await engine?.stop();
  assert.deepEqual(faults, []);
}
