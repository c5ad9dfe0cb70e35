import { command } from "../../command.ts";
import { each, post, slug } from "../../each.ts";
import { stopFlags, stopQuery } from "../../options/stop-flags.ts";

export default command({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  about: "Restart one or more containers",
  aliases: ["container restart", "restart"],
  flags: stopFlags,
  args: [1, Infinity],
  run: (cli, { flags, given, args }) =>
    each(cli, args, (name) => post(cli, `/containers/${slug(name)}/restart`, stopQuery(flags, given))),
});
