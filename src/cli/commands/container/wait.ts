import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { CliError, textOf } from "../../errors.ts";
import { waitExit } from "../../run/wait-exit.ts";

export default command({
  usage: "CONTAINER [CONTAINER...]",
  about: "Block until one or more containers stop, then print their exit codes",
  aliases: ["container wait", "wait"],
  flags: {},
  args: [1, Infinity],
  async run(cli, { args }) {
    const errors: string[] = [];
    for (const name of args) {
      try {
        say(cli, String(await (await waitExit(cli, slug(name), undefined)).code));
      } catch (error) {
        errors.push(textOf(error));
      }
    }
    if (errors.length) throw new CliError(errors.join("\n"));
    return undefined;
  },
});
