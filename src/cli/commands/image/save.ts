import { command } from "../../command.ts";
import { text } from "../../flags/flag.ts";
import { saveBody } from "../../streams/save-body.ts";
import { platformOf } from "../../text/platform.ts";

export default command({
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  about: "Save one or more images to a tar archive (streamed to STDOUT by default)",
  aliases: ["image save", "save"],
  flags: {
    output: text("output,o", "Write to a file, instead of STDOUT"),
    platform: text(
      "platform",
      'Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
  },
  args: [1, Infinity],
  async run(cli, { flags, args }) {
    const platform = flags.platform ? JSON.stringify(platformOf(flags.platform)) : undefined;
    await saveBody(cli, flags.output, "save", () =>
      cli.engine.open("GET", "/images/get", { query: { names: args, platform } }),
    );
    return undefined;
  },
});
