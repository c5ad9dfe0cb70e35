import { command } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { bool } from "../../flags/flag.ts";
import { copyFromContainer, copyToContainer, splitPath } from "../../run/copy.ts";

export default command({
  usage: `[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-
\t%name% cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH`,
  about: `Copy files/folders between a container and the local filesystem

Use '-' as the source to read a tar archive from stdin
and extract it to a directory destination in a container.
Use '-' as the destination to stream a tar archive of a
container source to stdout.`,
  aliases: ["container cp", "cp"],
  flags: {
    archive: bool("archive,a", "Archive mode (copy all uid/gid information)"),
    followLink: bool("follow-link,L", "Always follow symbol link in SRC_PATH"),
    quiet: bool(
      "quiet,q",
      "Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached",
    ),
  },
  args: [2, 2],
  async run(cli, { flags, args: [from = "", to = ""] }) {
    const source = splitPath(from);
    const target = splitPath(to);
    if (source.container && target.container) throw new CliError("copying between containers is not supported");
    if (source.container) return copyFromContainer(cli, source.container, source.path, target.path, flags);
    if (target.container) return copyToContainer(cli, target.container, source.path, target.path, flags);
    throw new CliError("must specify at least one container source");
  },
});
