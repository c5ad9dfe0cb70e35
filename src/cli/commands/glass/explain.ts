import type { PlanAnswer } from "../../../wire/glass.ts";
import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { CliError } from "../../errors.ts";
import { bool, text } from "../../flags/flag.ts";
import { parseFlags } from "../../flags/parse.ts";
import { containerFlags } from "../../options/container-flags.ts";
import { createBody } from "../../options/create-body.ts";
import { failure } from "../../run/failure.ts";
import { explainText } from "./explain-text.ts";
import { explainWithout, showSteps } from "./without.ts";

const outputFlags = {
  format: text("format", "Format output: text or json", { fallback: "text" }),
  shell: bool("shell", "Print a shell script that makes an equal container by hand"),
};

export default command({
  usage:
    "CONTAINER [--format json] [--shell]\n  or:   %name% container explain --dry-run [RUN OPTIONS] IMAGE [COMMAND] [ARG...]\n  or:   %name% container explain --without STEP [RUN OPTIONS] IMAGE [COMMAND] [ARG...]\n  or:   %name% container explain --without help",
  about: "Show the kernel operations that made a container, in order, with the time each took",
  flags: {
    ...containerFlags,
    ...outputFlags,
    without: text("without", "Leave a step out of the plan and show what then leaks (help: list the steps)"),
    dryRun: bool("dry-run", "Take run's options and show what would be done; nothing is started"),
  },
  args: [0, Infinity],
  passThrough: true,
  async run(cli, { flags, given, args }) {
    if (flags.without === "help") return showSteps(cli);
    if (args.length === 0) throw new CliError("explain takes a container; see cloche container explain --help");
    if (flags.without) return explainWithout(cli, flags.without, createBody(flags, given, args));
    if (flags.dryRun) {
      const body = (() => {
        try {
          return createBody(flags, given, args);
        } catch (error) {
          throw failure(cli, "run", error, 125);
        }
      })();
      const query = { name: flags.name || undefined, platform: flags.platform || undefined };
      const path = flags.shell ? "/cloche/v1/plan/script" : "/cloche/v1/plan";
      const answer = await cli.engine.text("POST", path, { query, body });
      return print(flags.shell ? "shell" : flags.format, answer);
    }
    // Options of the container belong to a dry run; these two may also stand behind the name.
    const {
      values,
      args: [name = "", ...more],
    } = parseFlags(outputFlags, args, true);
    if (more.length > 0)
      throw new CliError("explain takes one container; with --dry-run it takes an image and a command");
    const wrong = [...given].find((flag) => !["format", "shell"].includes(flag));
    if (wrong) throw new CliError(`--${wrong} is an option of a container that is to be: it needs --dry-run`);
    const shell = flags.shell || values.shell;
    const answer = await cli.engine.text("GET", `/cloche/v1/containers/${slug(name)}/${shell ? "script" : "plan"}`);
    const format = values.format === "text" ? flags.format : values.format;
    return print(shell ? "shell" : format, answer);

    function print(format: string, answer: string): undefined {
      if (format === "shell") cli.out.write(answer);
      else if (format === "json") say(cli, JSON.stringify(JSON.parse(answer), null, 2));
      else if (format === "text") cli.out.write(explainText(JSON.parse(answer) as PlanAnswer, cli));
      else throw new CliError(`unknown format "${format}": text and json are known`);
      return undefined;
    }
  },
});
