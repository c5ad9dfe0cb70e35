import { command } from "../../command.ts";
import { each, post, slug } from "../../each.ts";

export default command({
  usage: "CONTAINER [CONTAINER...]",
  about: "Unpause all processes within one or more containers",
  aliases: ["container unpause", "unpause"],
  flags: {},
  args: [1, Infinity],
  run: (cli, { args }) => each(cli, args, (name) => post(cli, `/containers/${slug(name)}/unpause`)),
});
