import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { confirm } from "../../confirm.ts";
import { filtersText } from "../../filters.ts";
import { bool, filter } from "../../flags/flag.ts";
import { humanSize } from "../../text/size.ts";

export default command({
  usage: "[OPTIONS]",
  about: "Remove all stopped containers",
  flags: {
    filter: filter("filter", 'Provide filter values (e.g. "until=<timestamp>")'),
    force: bool("force,f", "Do not prompt for confirmation"),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    if (!flags.force) await confirm(cli, "WARNING! This will remove all stopped containers.");
    const reply = await cli.engine.post<{ ContainersDeleted?: string[] | null; SpaceReclaimed?: number }>(
      "/containers/prune",
      {
        query: { filters: filtersText(flags.filter) },
      },
    );
    const deleted = reply.ContainersDeleted ?? [];
    if (deleted.length) say(cli, `Deleted Containers:\n${deleted.map((id) => `${id}\n`).join("")}`);
    say(cli, `Total reclaimed space: ${humanSize(reply.SpaceReclaimed ?? 0)}`);
    return undefined;
  },
});
