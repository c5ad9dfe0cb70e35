import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { confirm } from "../../confirm.ts";
import { filtersText } from "../../filters.ts";
import { bool, filter } from "../../flags/flag.ts";

export default command({
  usage: "[OPTIONS]",
  about: "Remove all unused networks",
  flags: {
    filter: filter("filter", 'Provide filter values (e.g. "until=<timestamp>")'),
    force: bool("force,f", "Do not prompt for confirmation"),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    if (!flags.force)
      await confirm(cli, "WARNING! This will remove all custom networks not used by at least one container.");
    const { NetworksDeleted } = await cli.engine.post<{ NetworksDeleted?: string[] | null }>("/networks/prune", {
      query: { filters: filtersText(flags.filter) },
    });
    if (NetworksDeleted?.length) say(cli, `Deleted Networks:\n${NetworksDeleted.map((name) => `${name}\n`).join("")}`);
    return undefined;
  },
});
