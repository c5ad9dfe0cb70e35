import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { confirm } from "../../confirm.ts";
import { filtersText } from "../../filters.ts";
import { bool, filter } from "../../flags/flag.ts";
import { humanSize } from "../../text/size.ts";

type Pruned = { ImagesDeleted?: { Deleted?: string; Untagged?: string }[] | null; SpaceReclaimed?: number };

export default command({
  usage: "[OPTIONS]",
  about: "Remove unused images",
  flags: {
    all: bool("all,a", "Remove all unused images, not just dangling ones"),
    filter: filter("filter", 'Provide filter values (e.g. "until=<timestamp>")'),
    force: bool("force,f", "Do not prompt for confirmation"),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    const what = flags.all ? "all images without at least one container associated to them" : "all dangling images";
    if (!flags.force) await confirm(cli, `WARNING! This will remove ${what}.`);
    const reply = await cli.engine.post<Pruned>("/images/prune", {
      query: { filters: filtersText({ ...flags.filter, dangling: [String(!flags.all)] }) },
    });
    const lines = (reply.ImagesDeleted ?? []).map(({ Deleted, Untagged }) =>
      Untagged ? `untagged: ${Untagged}\n` : `deleted: ${Deleted}\n`,
    );
    if (lines.length) say(cli, `Deleted Images:\n${lines.join("")}`);
    say(cli, `Total reclaimed space: ${humanSize(reply.SpaceReclaimed ?? 0)}`);
    return undefined;
  },
});
