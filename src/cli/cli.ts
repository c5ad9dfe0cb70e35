import type { ConfigFile } from "./engine/config-file.ts";
import type { Engine } from "./engine/connection.ts";

/** What every command works with. The engine is asked only when a command first uses it. */
export type Cli = {
  /** the program's name as errors and help say it */
  readonly name: string;
  readonly engine: Engine;
  readonly config: ConfigFile;
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  readonly in: NodeJS.ReadStream;
};

export const say = (cli: Cli, line: string): void => {
  cli.out.write(`${line}\n`);
};

export const complain = (cli: Cli, line: string): void => {
  cli.err.write(`${line}\n`);
};
