import { createInterface } from "node:readline";
import type { Cli } from "./cli.ts";
import { CliError } from "./errors.ts";

/** Asks before something is removed. @throws CliError unless the answer is y; to say no is no failure */
export async function confirm(cli: Cli, warning: string): Promise<void> {
  cli.out.write(`${warning}\nAre you sure you want to continue? [y/N] `);
  const lines = createInterface({ input: cli.in });
  const answer = await new Promise<string>((resolve) => {
    lines.once("line", resolve).once("close", () => resolve(""));
  });
  lines.close();
  if (answer.trim().toLowerCase() !== "y") throw new CliError("", 0);
}
