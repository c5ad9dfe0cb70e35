import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { bool, text } from "../../flags/flag.ts";
import { inspect } from "../../format/inspect.ts";
import { INSPECT_FORMAT } from "../../help-texts.ts";

export default command({
  usage: "[OPTIONS] NETWORK [NETWORK...]",
  about: "Display detailed information on one or more networks",
  flags: { format: text("format,f", INSPECT_FORMAT), verbose: bool("verbose,v", "Verbose output for diagnostics") },
  args: [1, Infinity],
  async run(cli, { flags, args }) {
    const query = { verbose: flags.verbose ? "true" : undefined };
    await inspect(cli, args, flags.format, (name) => cli.engine.text("GET", `/networks/${slug(name)}`, { query }));
    return undefined;
  },
});
