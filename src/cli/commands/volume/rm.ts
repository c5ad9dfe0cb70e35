import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { CliError, textOf } from "../../errors.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  usage: "[OPTIONS] VOLUME [VOLUME...]",
  about: "Remove one or more volumes. You cannot remove a volume that is in use by a container.",
  aliases: ["volume rm", "volume remove"],
  flags: { force: bool("force,f", "Force the removal of one or more volumes") },
  args: [1, Infinity],
  async run(cli, { flags, args }) {
    const errors: string[] = [];
    for (const name of args) {
      try {
        await cli.engine.delete(`/volumes/${slug(name)}`, { query: { force: flags.force || undefined } });
        say(cli, name);
      } catch (error) {
        errors.push(textOf(error));
      }
    }
    if (errors.length) throw new CliError(errors.join("\n"));
    return undefined;
  },
});
