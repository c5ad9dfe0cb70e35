import { command } from "../command.ts";
import { registryAuth } from "../engine/config-file.ts";
import { filtersText } from "../filters.ts";
import { bool, filter, int, text } from "../flags/flag.ts";
import { type Columns, printList } from "../format/list.ts";
import { ellipsis } from "../text/quote.ts";

type Found = { name: string; description?: string; star_count?: number; is_official?: boolean; is_automated?: boolean };

export default command({
  usage: "[OPTIONS] TERM",
  about: "Search Docker Hub for images",
  flags: {
    filter: filter("filter,f"),
    format: text("format", "Pretty-print search using a Go template"),
    limit: int("limit", "Max number of search results"),
    noTrunc: bool("no-trunc", "Don't truncate output"),
  },
  args: [1, 1],
  async run(cli, { flags, args: [term = ""] }) {
    const rows = await cli.engine.get<Found[]>("/images/search", {
      query: { term, limit: flags.limit || undefined, filters: filtersText(flags.filter) },
      headers: { "X-Registry-Auth": registryAuth(cli.config, term) },
    });
    printList(cli, {
      columns: columns(!flags.noTrunc),
      rows: rows.sort((a, b) => (b.star_count ?? 0) - (a.star_count ?? 0)),
      format: flags.format,
      table: "{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}",
      type: "*registry.searchContext",
    });
    return undefined;
  },
});

const columns = (trunc: boolean): Columns<Found> => ({
  Name: { heading: "NAME", show: ({ name }) => name },
  Description: {
    heading: "DESCRIPTION",
    show: ({ description = "" }) => {
      const line = description.replaceAll("\n", " ").replaceAll("\r", " ");
      return trunc ? ellipsis(line, 45) : line;
    },
  },
  StarCount: { heading: "STARS", show: ({ star_count }) => String(star_count ?? 0) },
  IsOfficial: { heading: "OFFICIAL", show: ({ is_official }) => (is_official ? "[OK]" : "") },
  IsAutomated: { heading: "AUTOMATED", show: ({ is_automated }) => (is_automated ? "[OK]" : "") },
});
