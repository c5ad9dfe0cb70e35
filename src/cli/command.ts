import type { Cli } from "./cli.ts";
import type { Flags, Values } from "./flags/flag.ts";

/** What `run` is given: the flags' values, which were given, the arguments. */
export type Call<F extends Flags> = { flags: Values<F>; given: ReadonlySet<string>; args: string[]; path: string };

export type Command<F extends Flags = Flags> = {
  /** the arguments' line of the help: "[OPTIONS] CONTAINER [CONTAINER...]" */
  readonly usage: string;
  /** one line; a second paragraph is shown only in the command's own help */
  readonly about: string;
  readonly aliases?: readonly string[];
  readonly flags: F;
  /** least and most number of arguments */
  readonly args: readonly [number, number];
  /** everything behind the first argument belongs to the container: run, create, exec, top */
  readonly passThrough?: boolean;
  /** nothing is read as an option, but --help */
  readonly raw?: boolean;
  /** @returns the exit status; undefined is 0 */
  run(cli: Cli, call: Call<F>): Promise<number | undefined>;
};

/** Gives a command its flags' types. */
export const command = <F extends Flags>(definition: Command<F>): Command<F> => definition;
