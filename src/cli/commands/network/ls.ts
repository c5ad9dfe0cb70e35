import { command } from "../../command.ts";
import { filtersText } from "../../filters.ts";
import { bool, filter, text } from "../../flags/flag.ts";
import { labelsText } from "../../format/container-columns.ts";
import { type Columns, printList } from "../../format/list.ts";
import { LIST_FORMAT } from "../../help-texts.ts";
import { shortId } from "../../text/quote.ts";

type Network = {
  Id: string;
  Name: string;
  Driver?: string;
  Scope?: string;
  EnableIPv4?: boolean;
  EnableIPv6?: boolean;
  Internal?: boolean;
  Labels?: Record<string, string> | null;
  Created?: string;
};

export default command({
  usage: "[OPTIONS]",
  about: "List networks",
  aliases: ["network ls", "network list"],
  flags: {
    filter: filter("filter,f", 'Provide filter values (e.g. "driver=bridge")'),
    format: text("format", LIST_FORMAT),
    noTrunc: bool("no-trunc", "Do not truncate the output"),
    quiet: bool("quiet,q", "Only display network IDs"),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    const rows = await cli.engine.get<Network[]>("/networks", { query: { filters: filtersText(flags.filter) } });
    printList(cli, {
      columns: columns(!flags.noTrunc),
      rows: rows.sort((a, b) => a.Name.localeCompare(b.Name, "en", { numeric: true })),
      format: flags.quiet && (flags.format === "" || flags.format === "table") ? "{{.ID}}" : flags.format,
      table: "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}",
      type: "*network.networkContext",
    });
    return undefined;
  },
});

const columns = (trunc: boolean): Columns<Network> => ({
  ID: { heading: "NETWORK ID", show: ({ Id }) => (trunc ? shortId(Id) : Id) },
  Name: { heading: "NAME", show: ({ Name }) => Name },
  Driver: { heading: "DRIVER", show: ({ Driver }) => Driver ?? "" },
  Scope: { heading: "SCOPE", show: ({ Scope }) => Scope ?? "" },
  IPv4: { heading: "IPV4", show: ({ EnableIPv4 }) => String(EnableIPv4 ?? false) },
  IPv6: { heading: "IPV6", show: ({ EnableIPv6 }) => String(EnableIPv6 ?? false) },
  Internal: { heading: "INTERNAL", show: ({ Internal }) => String(Internal ?? false) },
  Labels: { heading: "LABELS", show: ({ Labels }) => labelsText(Labels) },
  Label: {
    heading: "",
    show:
      ({ Labels }) =>
      (name: unknown) =>
        Labels?.[String(name)] ?? "",
  },
  CreatedAt: {
    heading: "CREATED AT",
    show: ({ Created = "" }) => Created.replace("T", " ").replace(/Z$/, " +0000 UTC"),
  },
});
