import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";

/** Options that an engine must be new enough for. */
const SINCE: Record<string, string> = {
  annotation: "1.43",
  cgroupns: "1.41",
  gpus: "1.40",
  "health-start-interval": "1.44",
  platform: "1.32",
};
const WINDOWS = ["cpu-count", "cpu-percent", "io-maxbandwidth", "io-maxiops"];
const EXPERIMENTAL = ["checkpoint", "checkpoint-dir"];

/** Refuses what this engine cannot do before it is asked. @throws CliError with a line for each, in docker's words */
export async function checkSupported(cli: Cli, given: ReadonlySet<string>): Promise<void> {
  const problems: string[] = [];
  for (const name of [...given].sort()) {
    if (WINDOWS.includes(name))
      problems.push(
        `"--${name}" is only supported on a Docker daemon running on windows, but the Docker daemon is running on linux`,
      );
    if (EXPERIMENTAL.includes(name) && (await cli.engine.ping())["docker-experimental"] !== "true")
      problems.push(`"--${name}" is only supported on a Docker daemon with experimental features enabled`);
    const since = SINCE[name];
    const version = since ? await cli.engine.apiVersion() : "";
    if (since && Number(version.split(".")[1]) < Number(since.split(".")[1]))
      problems.push(`"--${name}" requires API version ${since}, but the Docker daemon API version is ${version}`);
  }
  if (problems.length) throw new CliError(problems.join("\n"));
}
