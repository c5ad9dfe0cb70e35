import { command } from "../../command.ts";
import { bool, text } from "../../flags/flag.ts";
import { type Columns, printList } from "../../format/list.ts";
import { LIST_FORMAT } from "../../help-texts.ts";
import { ago } from "../../text/duration.ts";
import { platformOf } from "../../text/platform.ts";
import { ellipsis, shortId } from "../../text/quote.ts";
import { humanSize } from "../../text/size.ts";
import { rfc3339 } from "../../text/timestamp.ts";

type Step = { Id: string; Created?: number; CreatedBy?: string; Size?: number; Comment?: string };

export default command({
  usage: "[OPTIONS] IMAGE",
  about: "Show the history of an image",
  aliases: ["image history", "history"],
  flags: {
    format: text("format", LIST_FORMAT),
    human: bool("human,H", "Print sizes and dates in human readable format", { fallback: true }),
    noTrunc: bool("no-trunc", "Don't truncate output"),
    platform: text(
      "platform",
      'Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
    quiet: bool("quiet,q", "Only show image IDs"),
  },
  args: [1, 1],
  async run(cli, { flags, args: [image = ""] }) {
    const platform = flags.platform ? JSON.stringify(platformOf(flags.platform)) : undefined;
    const rows = await cli.engine.get<Step[]>(`/images/${image}/history`, { query: { platform } });
    printList(cli, {
      columns: columns(!flags.noTrunc, flags.human),
      rows,
      format: flags.quiet && (flags.format === "" || flags.format === "table") ? "{{.ID}}" : flags.format,
      table: `{{.ID}}\t${flags.human ? "{{.CreatedSince}}" : "{{.CreatedAt}}"}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`,
      type: "*formatter.historyContext",
    });
    return undefined;
  },
});

function columns(trunc: boolean, human: boolean): Columns<Step> {
  return {
    ID: { heading: "IMAGE", show: ({ Id }) => (trunc ? shortId(Id) : Id) },
    CreatedAt: { heading: "CREATED AT", show: ({ Created = 0 }) => (Created <= 0 ? "N/A" : rfc3339(Created)) },
    CreatedSince: {
      heading: "CREATED",
      show: ({ Created = 0 }) => (Created <= 0 ? "N/A" : human ? ago(Created) : rfc3339(Created)),
    },
    CreatedBy: {
      heading: "CREATED BY",
      show: ({ CreatedBy = "" }) => {
        const line = CreatedBy.replaceAll("\t", " ");
        return trunc ? ellipsis(line, 45) : line;
      },
    },
    Size: { heading: "SIZE", show: ({ Size = 0 }) => (human ? humanSize(Size, 3) : String(Size)) },
    Comment: { heading: "COMMENT", show: ({ Comment = "" }) => Comment },
  };
}
