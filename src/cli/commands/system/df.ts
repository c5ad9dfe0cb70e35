import { command } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { bool, text } from "../../flags/flag.ts";
import { type ContainerRow, containerColumns } from "../../format/container-columns.ts";
import { type CacheRow, cacheColumns, type Usage, usageColumns, usageRows } from "../../format/disk-usage.ts";
import { type ImageSummary, imageColumns, imageRows } from "../../format/image-columns.ts";
import { listText } from "../../format/list.ts";
import { type Volume, volumeColumns } from "../../format/volume-columns.ts";
import { LIST_FORMAT } from "../../help-texts.ts";
import { humanSize } from "../../text/size.ts";

export default command({
  usage: "[OPTIONS]",
  about: "Show docker disk usage",
  flags: {
    format: text("format", LIST_FORMAT),
    verbose: bool("verbose,v", "Show detailed information on space usage"),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    const usage = await cli.engine.get<Usage>("/system/df");
    if (flags.verbose) {
      if (flags.format !== "" && flags.format !== "table")
        throw new CliError("--verbose has its own tables: it does not go with --format");
      cli.out.write(verboseText(usage));
      return undefined;
    }
    cli.out.write(
      listText({
        columns: usageColumns,
        rows: usageRows(usage),
        format: flags.format,
        table: "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}",
        type: "*formatter.diskUsageContext",
      }),
    );
    return undefined;
  },
});

function verboseText({ Images, Containers, Volumes, BuildCache }: Usage): string {
  const cache = BuildCache ?? [];
  const images = listText<ReturnType<typeof imageRows>[number]>({
    columns: imageColumns(true),
    rows: (Images ?? []).flatMap((image: ImageSummary) => imageRows([image], false).slice(0, 1)),
    format: "",
    table:
      "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}",
    type: "*formatter.imageContext",
  });
  const containers = listText<ContainerRow>({
    columns: containerColumns(true),
    rows: (Containers ?? []).map((row) => ({ ...row, SizeRootFs: 0 })),
    format: "",
    table: "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}",
    type: "*formatter.ContainerContext",
  });
  const volumes = listText<Volume>({
    columns: volumeColumns,
    rows: Volumes ?? [],
    format: "",
    table: "{{.Name}}\t{{.Links}}\t{{.Size}}",
    type: "*formatter.volumeContext",
  });
  const built = listText<CacheRow>({
    columns: cacheColumns,
    rows: cache,
    format: "",
    table: "{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}",
    type: "*formatter.buildCacheContext",
  });
  const size = cache.reduce((sum, row) => sum + (row.Shared ? 0 : (row.Size ?? 0)), 0);
  return `Images space usage:\n\n${images}\nContainers space usage:\n\n${containers}\nLocal Volumes space usage:\n\n${volumes}\nBuild cache usage: ${humanSize(size)}\n\n${built}`;
}
