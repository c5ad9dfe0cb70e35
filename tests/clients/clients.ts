/** The clients that a machine may have or not: false, or the reason to skip what needs one. */
import { existsSync } from "node:fs";
import { command } from "../support/command.ts";

/** Debian's python3-docker, for the system's own python3. */
export async function packagedPython(): Promise<string | false> {
  if (!existsSync("/usr/bin/python3")) return "python3 is not installed";
  const { code } = await command("/usr/bin/python3", ["-c", "import docker"]);
  return code === 0 ? false : "python3-docker is not installed";
}

/** Debian's docker-compose, which is version 1. */
export async function packagedCompose(): Promise<string | false> {
  if (!existsSync("/usr/bin/docker-compose")) return "docker-compose is not installed";
  const { stdout } = await command("/usr/bin/docker-compose", ["version", "--short"]);
  return stdout.startsWith("1.") ? false : `docker-compose is version ${stdout.trim()}, not 1`;
}
