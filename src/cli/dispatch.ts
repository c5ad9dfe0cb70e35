import type { Cli } from "./cli.ts";
import type { Command } from "./command.ts";
import { glassVerb } from "./commands/glass/tree.ts";
import { CliError } from "./errors.ts";
import { FlagError, parseFlags } from "./flags/parse.ts";
import type { GroupName, Verb } from "./tree.ts";
import { groups, topCommands, verbAliases } from "./tree.ts";

/**
 * Finds the command of these words and runs it.
 * @param words the command line without the global options
 * @returns the exit status
 * @throws CliError, DaemonError, NoEngineError
 */
export async function dispatch(cli: Cli, words: readonly string[]): Promise<number> {
  const [first = "", second, ...rest] = words;
  const glass = glassVerb(words);
  if (glass) return runVerb(cli, `${cli.name} ${glass.path}`, glass.verb, glass.rest);
  if (isGroup(first)) return inGroup(cli, first, second, rest);
  const verb = own(topCommands, first);
  if (verb) return runVerb(cli, `${cli.name} ${first}`, verb, words.slice(1));
  const { whyNotHere } = await import("./elsewhere.ts");
  const reason = whyNotHere(first);
  throw new CliError(
    `${cli.name}: unknown command: ${cli.name} ${first}${reason ? `: ${reason}` : ""}\n\nRun '${cli.name} --help' for more information`,
  );
}

/** Of a table of words that people type: "constructor" is none, though every object has it. */
const own = <T>(table: Record<string, T>, word: string): T | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined;
const isGroup = (word: string): word is GroupName => Object.hasOwn(groups, word);

async function inGroup(cli: Cli, group: GroupName, word: string | undefined, rest: string[]): Promise<number> {
  const path = `${cli.name} ${group}`;
  if (word === undefined || word === "--help" || word === "-h" || word === "help") {
    const { groupHelp } = await import("./help.ts");
    cli.out.write(groupHelp(cli.name, group));
    return 0;
  }
  const verb = own(groups[group].verbs, own(verbAliases[group], word) ?? word);
  if (verb) return runVerb(cli, `${path} ${word}`, verb, rest);
  if (word.startsWith("-"))
    throw new CliError(`unknown flag: ${word}\n\nUsage:  ${path}\n\nRun '${path} --help' for more information`, 125);
  throw new CliError(
    `${cli.name}: unknown command: ${path} ${word}\n\nUsage:  ${path}\n\nRun '${path} --help' for more information`,
  );
}

async function runVerb(cli: Cli, path: string, verb: Verb, words: readonly string[]): Promise<number> {
  const command: Command = (await verb.load()).default;
  try {
    const { values, given, args, help } = parseFlags(
      command.flags,
      command.raw && words[0] !== "--help" ? ["--", ...words] : words,
      !command.passThrough,
    );
    if (help) {
      const { commandHelp } = await import("./help.ts");
      cli.out.write(commandHelp(path, command, cli.name, cli.out.columns ?? 80));
      return 0;
    }
    const problem = argsProblem(command.args, args.length);
    if (problem) {
      const { shortUsage } = await import("./help.ts");
      const verb = problem.startsWith("requires at least") && command.args[1] === Infinity ? "See" : "Run";
      throw new CliError(`${cli.name}: '${path}' ${problem}\n\n${shortUsage(path, command, cli.name, verb)}`);
    }
    return (await command.run(cli, { flags: values, given, args, path })) ?? 0;
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    const { shortUsage } = await import("./help.ts");
    throw new CliError(`${error.message}\n\n${shortUsage(path, command, cli.name, "Run")}`, 125);
  }
}

function argsProblem([least, most]: readonly [number, number], count: number): string | undefined {
  const many = (n: number) => `${n} argument${n === 1 ? "" : "s"}`;
  if (count >= least && count <= most) return undefined;
  if (most === 0) return "accepts no arguments";
  if (least === most) return `requires ${many(least)}`;
  if (most === Infinity) return `requires at least ${many(least)}`;
  if (least === 0) return `requires at most ${many(most)}`;
  return `requires at least ${least} and at most ${most} arguments`;
}
