import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { CliError, isNotFound, textOf } from "../../errors.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  usage: "NETWORK [NETWORK...]",
  about: "Remove one or more networks",
  aliases: ["network rm", "network remove"],
  flags: { force: bool("force,f", "Do not error if the network does not exist") },
  args: [1, Infinity],
  async run(cli, { flags, args }) {
    let failed = false;
    for (const name of args) {
      try {
        await cli.engine.delete(`/networks/${slug(name)}`);
        say(cli, name);
      } catch (error) {
        if (flags.force && isNotFound(error)) continue;
        cli.err.write(`${textOf(error)}\n`);
        failed = true;
      }
    }
    // docker says no more than this
    if (failed) throw new CliError("exit status 1");
    return undefined;
  },
});
