import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { text } from "../../flags/flag.ts";
import { inspect } from "../../format/inspect.ts";
import { INSPECT_FORMAT } from "../../help-texts.ts";

export default command({
  usage: "[OPTIONS] VOLUME [VOLUME...]",
  about: "Display detailed information on one or more volumes",
  flags: { format: text("format,f", INSPECT_FORMAT) },
  args: [1, Infinity],
  async run(cli, { flags, args }) {
    await inspect(cli, args, flags.format, (name) => cli.engine.text("GET", `/volumes/${slug(name)}`));
    return undefined;
  },
});
