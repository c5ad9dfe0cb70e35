import { type Cli, say } from "../../cli.ts";
import { command } from "../../command.ts";
import { confirm } from "../../confirm.ts";
import { CliError, DaemonError } from "../../errors.ts";
import { filtersText } from "../../filters.ts";
import { bool, filter } from "../../flags/flag.ts";
import { humanSize } from "../../text/size.ts";

export default command({
  usage: "[OPTIONS]",
  about: "Remove unused data",
  flags: {
    all: bool("all,a", "Remove all unused images not just dangling ones"),
    filter: filter("filter", 'Provide filter values (e.g. "label=<key>=<value>")'),
    force: bool("force,f", "Do not prompt for confirmation"),
    volumes: bool("volumes", "Prune anonymous volumes"),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    if (flags.volumes && flags.filter.until) throw new CliError('The "until" filter is not supported with "--volumes"');
    if (!flags.force) await confirm(cli, warning(flags));
    let space = 0;
    space += await prune(cli, "containers", "Containers", flags.filter);
    await prune(cli, "networks", "Networks", flags.filter);
    if (flags.volumes) space += await prune(cli, "volumes", "Volumes", flags.filter);
    space += await prune(cli, "images", "Images", { ...flags.filter, dangling: [String(!flags.all)] });
    space += await pruneCache(cli, flags);
    say(cli, `Total reclaimed space: ${humanSize(space)}`);
    return undefined;
  },
});

type Flags = { all: boolean; volumes: boolean; filter: Record<string, string[]> };

function warning({ all, volumes, filter: filters }: Flags): string {
  const lines = [
    "all stopped containers",
    "all networks not used by at least one container",
    ...(volumes ? ["all anonymous volumes not used by at least one container"] : []),
    all ? "all images without at least one container associated to them" : "all dangling images",
    all ? "all build cache" : "unused build cache",
  ];
  const texts = Object.entries(filters).flatMap(([name, values]) => values.map((value) => `${name}=${value}`));
  const filterText = texts.length
    ? `\n  Items to be pruned will be filtered with:\n${texts.map((text) => `  - ${text}\n`).join("")}`
    : "";
  return `WARNING! This will remove:\n${lines.map((line) => `  - ${line}\n`).join("")}${filterText}`;
}

type Pruned = { SpaceReclaimed?: number; [deleted: string]: unknown };

async function prune(cli: Cli, noun: string, title: string, filters: Record<string, string[]>): Promise<number> {
  const reply = await cli.engine.post<Pruned>(`/${noun}/prune`, { query: { filters: filtersText(filters) } });
  const deleted = reply[`${title}Deleted`];
  const lines = Array.isArray(deleted) ? deleted.map(lineOf) : [];
  if (lines.length) say(cli, `Deleted ${title}:\n${lines.map((line) => `${line}\n`).join("")}`);
  return reply.SpaceReclaimed ?? 0;
}

const lineOf = (item: string | { Deleted?: string; Untagged?: string }): string =>
  typeof item === "string" ? item : item.Untagged ? `untagged: ${item.Untagged}` : `deleted: ${item.Deleted}`;

async function pruneCache(cli: Cli, { all, filter: filters }: Flags): Promise<number> {
  try {
    const reply = await cli.engine.post<{ SpaceReclaimed?: number }>("/build/prune", {
      query: { all: all || undefined, filters: filtersText(filters), "keep-storage": undefined },
    });
    return reply.SpaceReclaimed ?? 0;
  } catch (error) {
    // An engine that does not build has no cache to prune.
    if (error instanceof DaemonError && (error.code === 501 || error.code === 404)) return 0;
    throw error;
  }
}
