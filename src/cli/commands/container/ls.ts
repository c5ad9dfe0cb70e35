import { command } from "../../command.ts";
import { filtersText } from "../../filters.ts";
import { bool, filter, int, text } from "../../flags/flag.ts";
import { type ContainerRow, containerColumns, psTable } from "../../format/container-columns.ts";
import { printList, usesField } from "../../format/list.ts";
import { LIST_FORMAT } from "../../help-texts.ts";

export default command({
  usage: "[OPTIONS]",
  about: "List containers",
  aliases: ["container ls", "container list", "container ps", "ps"],
  flags: {
    all: bool("all,a", "Show all containers (default shows just running)"),
    filter: filter("filter,f"),
    format: text("format", LIST_FORMAT),
    last: int("last,n", "Show n last created containers (includes all states)", { fallback: -1, shown: "-1" }),
    latest: bool("latest,l", "Show the latest created container (includes all states)"),
    noTrunc: bool("no-trunc", "Don't truncate output"),
    quiet: bool("quiet,q", "Only display container IDs"),
    tree: bool("tree", "Show the processes of each container too", { hidden: true }),
    size: bool("size,s", "Display total file sizes"),
  },
  args: [0, 0],
  async run(cli, { flags, given }) {
    const format = flags.format || cli.config.contents().psFormat || "";
    const limit = flags.latest && !given.has("last") ? 1 : flags.last;
    const size = flags.size || (!flags.quiet && usesField(format, "Size"));
    const rows = await cli.engine.get<ContainerRow[]>("/containers/json", {
      query: {
        all: flags.all || undefined,
        limit: limit > 0 ? limit : undefined,
        size: size || undefined,
        filters: filtersText(flags.filter),
      },
    });
    if (flags.tree) {
      const { psTree } = await import("../glass/ps-tree.ts");
      await psTree(cli, rows);
      return undefined;
    }
    printList(cli, {
      columns: containerColumns(!flags.noTrunc),
      rows,
      format:
        flags.quiet && !given.has("format")
          ? "{{.ID}}"
          : flags.quiet && (format === "" || format === "table")
            ? "{{.ID}}"
            : format,
      table: psTable(flags.size),
      type: "*formatter.ContainerContext",
    });
    return undefined;
  },
});
