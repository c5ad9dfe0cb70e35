import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { confirm } from "../../confirm.ts";
import { CliError } from "../../errors.ts";
import { filtersText } from "../../filters.ts";
import { bool, filter } from "../../flags/flag.ts";
import { humanSize } from "../../text/size.ts";

export default command({
  usage: "[OPTIONS]",
  about: "Remove unused local volumes",
  flags: {
    all: bool("all,a", "Remove all unused volumes, not just anonymous ones"),
    filter: filter("filter", 'Provide filter values (e.g. "label=<label>")'),
    force: bool("force,f", "Do not prompt for confirmation"),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    if (flags.all && flags.filter.all)
      throw new CliError("conflicting options: cannot specify both --all and --filter all=1");
    const filters = flags.all ? { ...flags.filter, all: ["true"] } : flags.filter;
    const what = flags.all ? "all local volumes" : "anonymous local volumes";
    if (!flags.force) await confirm(cli, `WARNING! This will remove ${what} not used by at least one container.`);
    const reply = await cli.engine.post<{ VolumesDeleted?: string[] | null; SpaceReclaimed?: number }>(
      "/volumes/prune",
      {
        query: { filters: filtersText(filters) },
      },
    );
    const deleted = reply.VolumesDeleted ?? [];
    if (deleted.length) say(cli, `Deleted Volumes:\n${deleted.map((name) => `${name}\n`).join("")}`);
    say(cli, `Total reclaimed space: ${humanSize(reply.SpaceReclaimed ?? 0)}`);
    return undefined;
  },
});
