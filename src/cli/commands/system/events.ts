import { command } from "../../command.ts";
import { compactJson } from "../../engine/json.ts";
import { jsonLines } from "../../engine/json-lines.ts";
import { CliError, textOf } from "../../errors.ts";
import { filtersText } from "../../filters.ts";
import { filter, text } from "../../flags/flag.ts";
import { INSPECT_FORMAT } from "../../help-texts.ts";
import { compileTemplate, type Template } from "../../template/template.ts";
import { rfc3339, rfc3339Nano, timestamp } from "../../text/timestamp.ts";

type Event = {
  Type?: string;
  Action?: string;
  Actor?: { ID?: string; Attributes?: Record<string, string> | null };
  time?: number;
  timeNano?: number | bigint;
};

export default command({
  usage: "[OPTIONS]",
  about: "Get real time events from the server",
  aliases: ["system events", "events"],
  flags: {
    filter: filter("filter,f"),
    format: text("format", INSPECT_FORMAT),
    since: text("since", "Show all events created since timestamp"),
    until: text("until", "Stream events until this timestamp"),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    const show = lineOf(flags.format);
    const body = await cli.engine.open("GET", "/events", {
      query: {
        filters: filtersText(flags.filter),
        since: flags.since ? timestamp(flags.since) : undefined,
        until: flags.until ? timestamp(flags.until) : undefined,
      },
    });
    for await (const event of jsonLines<Event>(body)) cli.out.write(`${show(event)}\n`);
    return undefined;
  },
});

function lineOf(format: string): (event: Event) => string {
  if (format === "") return plain;
  if (format === "json" || format === "{{json .}}") return compactJson;
  let template: Template;
  try {
    template = compileTemplate(format);
  } catch (error) {
    throw new CliError(`Error parsing format: ${textOf(error)}`, 64);
  }
  return (event) => template({ ...event, Time: event.time, TimeNano: event.timeNano });
}

/** "2026-01-02T03:04:05.123456789Z container start ID (image=busybox, name=x)" */
function plain({ Type = "", Action = "", Actor = {}, time = 0, timeNano }: Event): string {
  const attributes = Object.entries(Actor.Attributes ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  const at = timeNano ? rfc3339Nano(BigInt(timeNano)) : rfc3339(time);
  return `${at} ${Type} ${Action} ${Actor.ID ?? ""}${attributes.length ? ` (${attributes.join(", ")})` : ""}`;
}
