import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export type Ran = { stdout: string; stderr: string; status: number | null };

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** The version of the docker CLI on this machine, or why there is none to compare with. */
export function dockerCli(): { version: string } | { missing: string } {
  const { status, stdout } = spawnSync("docker", ["--version"], { encoding: "utf8" });
  return status === 0 ? { version: stdout } : { missing: "the docker CLI is not installed" };
}

type Options = { input?: string; cwd?: string; env?: Record<string, string> };

/** Our CLI (node takes --env-file for its own wherever it stands, but behind a `--`); its name is replaced by docker's, so that the texts can be compared. */
export async function cloche(host: string, args: string[], options: Options = {}): Promise<Ran> {
  const ran = await run(process.execPath, ["--", MAIN, ...args], host, options);
  return { ...ran, stdout: renamed(ran.stdout), stderr: renamed(ran.stderr) };
}

/** Without what it says of the classic builder before each build: here it is the only one. */
export async function docker(host: string, args: string[], options: Options = {}): Promise<Ran> {
  const ran = await run("docker", args, host, options);
  return { ...ran, stderr: ran.stderr.replace(/^DEPRECATED: The legacy builder[\s\S]*?\n\n/, "") };
}

export const renamed = (text: string): string => text.replaceAll("cloche", "docker");

function run(program: string, args: string[], host: string, { input, cwd, env }: Options): Promise<Ran> {
  const { CLOCHE_HOST: _own, ...inherited } = process.env;
  const child = spawn(program, args, {
    cwd,
    env: { ...inherited, DOCKER_HOST: host, TZ: "UTC", ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdin?.end(input);
  const texts = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    texts.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    texts.stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ ...texts, status }));
  });
}
