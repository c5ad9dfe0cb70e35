import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { bool, text } from "../../flags/flag.ts";
import { inspect } from "../../format/inspect.ts";
import { INSPECT_FORMAT } from "../../help-texts.ts";

export default command({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  about: "Display detailed information on one or more containers",
  flags: { format: text("format,f", INSPECT_FORMAT), size: bool("size,s", "Display total file sizes") },
  args: [1, Infinity],
  async run(cli, { flags, args }) {
    const query = { size: flags.size || undefined };
    await inspect(cli, args, flags.format, (name) =>
      cli.engine.text("GET", `/containers/${slug(name)}/json`, { query }),
    );
    return undefined;
  },
});
