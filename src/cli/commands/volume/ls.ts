import { command } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { filtersText } from "../../filters.ts";
import { bool, filter, text } from "../../flags/flag.ts";
import { printList } from "../../format/list.ts";
import { type Volume, volumeColumns } from "../../format/volume-columns.ts";
import { LIST_FORMAT } from "../../help-texts.ts";

export default command({
  usage: "[OPTIONS]",
  about: "List volumes",
  aliases: ["volume ls", "volume list"],
  flags: {
    cluster: bool("cluster", "Display only cluster volumes, and use cluster volume list formatting"),
    filter: filter("filter,f", 'Provide filter values (e.g. "dangling=true")'),
    format: text("format", LIST_FORMAT),
    quiet: bool("quiet,q", "Only display volume names"),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    if (flags.cluster) throw new CliError("cluster volumes are not supported");
    const { Volumes } = await cli.engine.get<{ Volumes?: Volume[] | null }>("/volumes", {
      query: { filters: filtersText(flags.filter) },
    });
    printList(cli, {
      columns: volumeColumns,
      rows: (Volumes ?? []).sort((a, b) => a.Name.localeCompare(b.Name, "en", { numeric: true })),
      format: flags.quiet && (flags.format === "" || flags.format === "table") ? "{{.Name}}" : flags.format,
      table: "{{.Driver}}\t{{.Name}}",
      type: "*formatter.volumeContext",
    });
    return undefined;
  },
});
