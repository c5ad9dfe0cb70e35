import type { Cli } from "./cli.ts";
import { dispatch } from "./dispatch.ts";
import { configFile } from "./engine/config-file.ts";
import { createEngine, type Engine } from "./engine/connection.ts";
import { chooseHost } from "./engine/host.ts";
import { CliError, textOf } from "./errors.ts";
import { bool, text } from "./flags/flag.ts";
import { FlagError, parseFlags } from "./flags/parse.ts";

const NAME = "cloche";
export const VERSION = "0.1.0";

const globals = {
  host: text("host,H", "Engine socket to connect to"),
  config: text("config", "Location of client config files"),
  debug: bool("debug,D", "Enable debug mode"),
  logLevel: text("log-level,l", "Set the logging level"),
  version: bool("version,v", "Print version information and quit"),
};

/**
 * The whole of the command-line client. `engine` and `demo` are not known here: they are other programs, which the
 * starting script calls.
 * @param words the command line, without node and script
 * @returns the exit status
 */
export async function start(words: string[]): Promise<number> {
  const { stdout: out, stderr: err } = process;
  // A reader that went away (| head) ends us as SIGPIPE ends others: 128 + 13.
  out.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 141 : 1));
  err.on("error", () => process.exit(1));
  try {
    const { values, args, help } = parseFlags(globals, words, false);
    if (values.version) {
      out.write(`Cloche version ${VERSION}\n`);
      return 0;
    }
    const [first] = args;
    if (help || first === undefined || (first === "help" && args.length === 1)) {
      const { rootHelp } = await import("./help.ts");
      out.write(rootHelp(NAME));
      return 0;
    }
    let engine: Engine | undefined;
    const cli: Cli = {
      name: NAME,
      get engine() {
        engine ??= createEngine(chooseHost(values.host, process.env));
        return engine;
      },
      config: configFile(values.config, process.env),
      out,
      err,
      // Only touched by what reads it: it alone takes a tenth of a short command's time.
      get in() {
        return process.stdin;
      },
    };
    return await dispatch(cli, first === "help" ? [...args.slice(1), "--help"] : args);
  } catch (error) {
    if (error instanceof FlagError) {
      err.write(
        `${error.message}\n\nUsage:  ${NAME} [OPTIONS] COMMAND [ARG...]\n\nRun '${NAME} --help' for more information\n`,
      );
      return 125;
    }
    const message = textOf(error);
    if (message !== "") err.write(`${message}\n`);
    return error instanceof CliError ? error.status : 1;
  }
}
