import { createReadStream } from "node:fs";
import { isErrno } from "../../../lib/errno.ts";
import { command } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { bool, text } from "../../flags/flag.ts";
import { copy } from "../../streams/demux.ts";
import { opened } from "../../streams/open-file.ts";
import { showProgress } from "../../streams/progress.ts";
import { platformOf } from "../../text/platform.ts";

export default command({
  usage: "[OPTIONS]",
  about: "Load an image from a tar archive or STDIN",
  aliases: ["image load", "load"],
  flags: {
    input: text("input,i", "Read from tar archive file, instead of STDIN"),
    platform: text(
      "platform",
      'Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
    quiet: bool("quiet,q", "Suppress the load output"),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    if (flags.input === "" && cli.in.isTTY) throw new CliError("requested load from stdin, but stdin is empty");
    const stream =
      flags.input === "" ? cli.in : await opened(createReadStream(flags.input)).catch(notThere(flags.input));
    const quiet = flags.quiet || !cli.out.isTTY;
    const reply = await cli.engine.open("POST", "/images/load", {
      query: { quiet, platform: flags.platform ? JSON.stringify(platformOf(flags.platform)) : undefined },
      stream,
    });
    if (reply.headers["content-type"]?.startsWith("application/json")) await showProgress(reply, cli.out);
    else await copy(reply, cli.out);
    return undefined;
  },
});

const notThere = (path: string) => (error: unknown) => {
  throw isErrno(error, "ENOENT") ? new CliError(`open ${path}: no such file or directory`) : error;
};
