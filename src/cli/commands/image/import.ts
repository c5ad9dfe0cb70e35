import { createReadStream } from "node:fs";
import { isErrno } from "../../../lib/errno.ts";
import { command } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { list, text } from "../../flags/flag.ts";
import { opened } from "../../streams/open-file.ts";
import { showProgress } from "../../streams/progress.ts";

export default command({
  usage: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
  about: "Import the contents from a tarball to create a filesystem image",
  aliases: ["image import", "import"],
  flags: {
    change: list("change,c", "Apply Dockerfile instruction to the created image"),
    message: text("message,m", "Set commit message for imported image"),
    platform: text("platform", "Set platform if server is multi-platform capable"),
  },
  args: [1, Infinity],
  async run(cli, { flags, args: [source = "", reference = ""] }) {
    const isUrl = /^https?:\/\//.test(source);
    const stream =
      source === "-" ? cli.in : isUrl ? undefined : await opened(createReadStream(source)).catch(notThere(source));
    const reply = await cli.engine.open("POST", "/images/create", {
      query: {
        fromSrc: isUrl ? source : "-",
        repo: reference || undefined,
        message: flags.message || undefined,
        platform: flags.platform.toLowerCase() || undefined,
        changes: flags.change.length ? flags.change : undefined,
      },
      ...(stream && { stream }),
    });
    await showProgress(reply, cli.out);
    return undefined;
  },
});

const notThere = (path: string) => (error: unknown) => {
  throw isErrno(error, "ENOENT") ? new CliError(`open ${path}: no such file or directory`) : error;
};
