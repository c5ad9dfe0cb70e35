import { command } from "../../command.ts";
import { each, post, slug } from "../../each.ts";
import { stopFlags, stopQuery } from "../../options/stop-flags.ts";

export default command({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  about: "Stop one or more running containers",
  aliases: ["container stop", "stop"],
  flags: stopFlags,
  args: [1, Infinity],
  run: (cli, { flags, given, args }) =>
    each(cli, args, (name) => post(cli, `/containers/${slug(name)}/stop`, stopQuery(flags, given))),
});
