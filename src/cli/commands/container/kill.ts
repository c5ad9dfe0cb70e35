import { command } from "../../command.ts";
import { each, post, slug } from "../../each.ts";
import { text } from "../../flags/flag.ts";

export default command({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  about: "Kill one or more running containers",
  aliases: ["container kill", "kill"],
  flags: { signal: text("signal,s", "Signal to send to the container") },
  args: [1, Infinity],
  run: (cli, { flags, args }) =>
    each(cli, args, (name) => post(cli, `/containers/${slug(name)}/kill`, { signal: flags.signal || undefined })),
});
