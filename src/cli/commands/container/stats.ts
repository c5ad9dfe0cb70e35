import type { Cli } from "../../cli.ts";
import { command } from "../../command.ts";
import { bool, text } from "../../flags/flag.ts";
import { listText } from "../../format/list.ts";
import { type StatsRow, statsColumns, statsTable } from "../../format/stats-columns.ts";
import { LIST_FORMAT } from "../../help-texts.ts";
import { followStats } from "../../run/follow-stats.ts";

export default command({
  usage: "[OPTIONS] [CONTAINER...]",
  about: "Display a live stream of container(s) resource usage statistics",
  aliases: ["container stats", "stats"],
  flags: {
    all: bool("all,a", "Show all containers (default shows just running)"),
    format: text("format", LIST_FORMAT),
    noStream: bool("no-stream", "Disable streaming stats and only pull the first result"),
    noTrunc: bool("no-trunc", "Do not truncate output"),
  },
  args: [0, Infinity],
  async run(cli, { flags, args }) {
    const format = flags.format || cli.config.contents().statsFormat || "";
    const text = (rows: StatsRow[]) =>
      listText({
        columns: statsColumns(!flags.noTrunc),
        rows,
        format,
        table: statsTable,
        type: "*container.statsContext",
      });
    // A format that cannot be shown is told before anything is asked.
    text([]);
    const stats = await followStats(cli, { names: args, all: flags.all, stream: !flags.noStream });
    if (flags.noStream) {
      cli.out.write(text(stats.rows()));
      return undefined;
    }
    await redraw(cli, () => text(stats.rows()), stats.ended);
    return undefined;
  },
});

/** Twice a second: from the top, every line cleared to its end, what is left below cleared too. No flicker. */
async function redraw(cli: Cli, text: () => string, ended: Promise<void>): Promise<void> {
  cli.out.write("\x1b[2J");
  const draw = () => {
    const lines = text().replace(/\n$/, "").split("\n");
    cli.out.write(`\x1b[H${lines.map((line) => `${line}\x1b[K\n`).join("")}\x1b[J`);
  };
  draw();
  const timer = setInterval(draw, 500);
  await ended.finally(() => clearInterval(timer));
}
