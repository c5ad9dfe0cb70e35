import { command } from "../../command.ts";
import { text } from "../../flags/flag.ts";
import { inspect } from "../../format/inspect.ts";
import { INSPECT_FORMAT } from "../../help-texts.ts";
import { platformOf } from "../../text/platform.ts";

export default command({
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  about: "Display detailed information on one or more images",
  flags: {
    format: text("format,f", INSPECT_FORMAT),
    platform: text(
      "platform",
      `Inspect a specific platform of the multi-platform image.
If the image or the server is not multi-platform capable, the command will error out if the platform does not match.
'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)`,
    ),
  },
  args: [1, Infinity],
  async run(cli, { flags, args }) {
    const query = { platform: flags.platform ? JSON.stringify(platformOf(flags.platform)) : undefined };
    await inspect(cli, args, flags.format, (name) => cli.engine.text("GET", `/images/${name}/json`, { query }));
    return undefined;
  },
});
