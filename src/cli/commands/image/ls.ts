import { command } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { filtersText } from "../../filters.ts";
import { bool, filter, text } from "../../flags/flag.ts";
import { type ImageSummary, imageColumns, imageRows } from "../../format/image-columns.ts";
import { printList, usesField } from "../../format/list.ts";
import { LIST_FORMAT } from "../../help-texts.ts";

export default command({
  usage: "[OPTIONS] [REPOSITORY[:TAG]]",
  about: "List images",
  aliases: ["image ls", "image list", "images"],
  flags: {
    all: bool("all,a", "Show all images (default hides intermediate images)"),
    digests: bool("digests", "Show digests"),
    filter: filter("filter,f"),
    format: text("format", LIST_FORMAT),
    noTrunc: bool("no-trunc", "Don't truncate output"),
    quiet: bool("quiet,q", "Only show image IDs"),
    tree: bool("tree", "List multi-platform images as a tree (EXPERIMENTAL)"),
  },
  args: [0, 1],
  async run(cli, { flags, args: [reference] }) {
    if (flags.tree) throw new CliError("--tree is not supported: images here have one platform each");
    const filters =
      reference === undefined
        ? flags.filter
        : { ...flags.filter, reference: [...(flags.filter.reference ?? []), reference] };
    const format = flags.format || cli.config.contents().imagesFormat || "";
    const images = await cli.engine.get<ImageSummary[]>("/images/json", {
      query: { all: flags.all || undefined, filters: filtersText(filters) },
    });
    const digests = flags.digests || usesField(format, "Digest");
    printList(cli, {
      columns: imageColumns(!flags.noTrunc),
      rows: imageRows(images, digests, flags.quiet),
      format: flags.quiet && (format === "" || format === "table") ? "{{.ID}}" : format,
      table: `{{.Repository}}\t{{.Tag}}\t${flags.digests ? "{{.Digest}}\t" : ""}{{.ID}}\t{{if .CreatedSince }}{{.CreatedSince}}{{else}}N/A{{end}}\t{{.Size}}`,
      type: "*formatter.imageContext",
    });
    return undefined;
  },
});
