import type { OomAnswer, OomReport } from "../../../wire/glass.ts";
import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { CliError } from "../../errors.ts";
import { text } from "../../flags/flag.ts";
import { bytesSize } from "../../text/size.ts";
import { alignTabs } from "../../text/table.ts";
import { plain } from "./paint.ts";

export default command({
  usage: "CONTAINER",
  about: "Report the kernel's kills for want of memory: what is known of them, and what is not",
  flags: { format: text("format", "Format output: text or json", { fallback: "text" }) },
  args: [1, 1],
  async run(cli, { flags, args: [name = ""] }) {
    const answer = await cli.engine.get<OomAnswer>(`/cloche/v1/containers/${slug(name)}/oom`);
    if (flags.format === "json") say(cli, JSON.stringify(answer, null, 2));
    else if (flags.format !== "text") throw new CliError(`unknown format "${flags.format}": text and json are known`);
    else if (answer.report === null)
      say(cli, `${answer.name}: the kernel killed no process of its last run for want of memory`);
    else say(cli, reportText(answer.name, answer.report));
    return undefined;
  },
});

function reportText(name: string, report: OomReport): string {
  const { kills, limit, peak, limitHits, cgroup, first, victims, exit, unknown, running, finishedAt } = report;
  const { pidOutside, pidInside, command, fate } = first;
  const size = (bytes: number | undefined, without: string) =>
    bytes === undefined ? without : `${bytesSize(bytes)} (${bytes} bytes)`;
  const lines = [
    `${name}\t${kills} ${kills === 1 ? "kill" : "kills"} for want of memory${running ? " so far" : `, ended ${finishedAt}`}`,
    `  victims\t${victims}`,
    `  PID 1\t${fate}: ${plain(command)} (${pidOutside ?? "?"} outside, ${pidInside} inside)`,
    `  limit\t${size(limit, "none")}`,
    `  peak\t${size(peak, "unknown")}`,
    `  limit met\t${limitHits === undefined ? "unknown" : `${limitHits} times`}`,
    `  ran out\t${plain(cgroup.path)}: ${cgroup.because}`,
    `  exit code\t${exit}`,
    ...unknown.map((what) => `  unknown\t${what}`),
  ];
  return alignTabs(lines.join("\n"), 4, 2);
}
