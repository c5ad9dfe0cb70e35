import { type Cli, say } from "./cli.ts";
import { CliError, textOf } from "./errors.ts";

/**
 * Does the same to every name, all at once, and prints the names in their order as each is through; what failed is told
 * at the end, exit status 1.
 * @param act gives the line to print; undefined for the name itself, null for none
 */
export async function each(
  cli: Cli,
  names: string[],
  act: (name: string) => Promise<string | null | undefined>,
): Promise<undefined> {
  const tasks = names.map((name) =>
    act(name).then(
      (line) => ({ line: line === undefined ? name : line }),
      (error: unknown) => ({ error }),
    ),
  );
  const errors: string[] = [];
  for (const task of tasks) {
    const result = await task;
    if ("error" in result) errors.push(textOf(result.error));
    else if (result.line !== null) say(cli, result.line);
  }
  if (errors.length) throw new CliError(errors.join("\n"));
  return undefined;
}

/** POST whose answer holds nothing of use. */
export async function post(
  cli: Cli,
  path: string,
  query?: Record<string, string | number | boolean | undefined>,
): Promise<undefined> {
  (await cli.engine.open("POST", path, query ? { query } : {})).resume();
  return undefined;
}

/** A name as part of a URL. */
export const slug = (name: string): string => encodeURIComponent(name);
