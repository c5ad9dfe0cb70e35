import type { Cli } from "../cli.ts";
import { CliError, textOf } from "../errors.ts";

/** An error before the container's process could run, as `run` and `create` say it. */
export function failure(cli: Cli, verb: "run" | "create" | "exec", error: unknown, status = statusOf(error)): CliError {
  if (error instanceof CliError && error.message === "") return error;
  const text = textOf(error);
  return new CliError(`${cli.name}: ${text}\n\nRun '${cli.name} ${verb} --help' for more information`, status);
}

/** docker's statuses are decided by the error's text: 127 not found, 126 cannot be executed, 125 anything else. */
export function statusOf(error: unknown): number {
  const text = textOf(error);
  if (/executable file not found|no such file or directory|system cannot find the file specified/.test(text))
    return 127;
  return /permission denied|is a directory/.test(text) ? 126 : 125;
}
