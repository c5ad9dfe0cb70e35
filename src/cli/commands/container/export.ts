import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { text } from "../../flags/flag.ts";
import { saveBody } from "../../streams/save-body.ts";

export default command({
  usage: "[OPTIONS] CONTAINER",
  about: "Export a container's filesystem as a tar archive",
  aliases: ["container export", "export"],
  flags: { output: text("output,o", "Write to a file, instead of STDOUT") },
  args: [1, 1],
  async run(cli, { flags, args: [name = ""] }) {
    await saveBody(cli, flags.output, "export", () => cli.engine.open("GET", `/containers/${slug(name)}/export`));
    return undefined;
  },
});
