import type { Cli } from "../../cli.ts";
import { command } from "../../command.ts";
import { bool, text } from "../../flags/flag.ts";
import { type Columns, listText } from "../../format/list.ts";
import { LIST_FORMAT } from "../../help-texts.ts";
import { humanSize } from "../../text/size.ts";

type Finding = {
  Kind: string;
  Name: string;
  Size?: number;
  State: string;
  Owner: { Type: string; ID: string; Name: string } | null;
  Note: string;
};
type Result = { Findings: Finding[]; Repaired: { Kind: string; Name: string; Error: string }[] };

const columns: Columns<Finding> = {
  Kind: { heading: "KIND", show: ({ Kind }) => Kind },
  State: { heading: "STATE", show: ({ State }) => State },
  Owner: { heading: "OWNER", show: ({ Owner, Note }) => (Owner ? ownerText(Owner) : Note) },
  Size: { heading: "SIZE", show: ({ Size }) => (Size === undefined ? "" : humanSize(Size)) },
  Name: { heading: "NAME", show: ({ Name }) => Name },
};

export default command({
  usage: "[OPTIONS]",
  about:
    "Show what is on the host under the engine's names, and whose it is\n\nThe exit status is 1 when there are orphans: things of this engine that belong to nothing.",
  flags: {
    repair: bool("repair", "Remove orphans; what may be another engine's is left alone"),
    quiet: bool("quiet,q", "Show only what has no owner"),
    format: text("format", LIST_FORMAT),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    const { Findings, Repaired } = flags.repair
      ? await cli.engine.post<Result>("/cloche/v1/check?repair=1")
      : await cli.engine.get<Result>("/cloche/v1/check");
    const rows = flags.quiet ? Findings.filter(({ State }) => State !== "owned") : Findings;
    if (flags.format === "json") cli.out.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    else cli.out.write(table(rows, flags.format));
    if (flags.format === "") summarize(cli, { Findings, Repaired });
    const left = Findings.some(({ State }) => State === "orphan");
    return left || Repaired.some((it) => it.Error !== "") ? 1 : 0;
  },
});

function table(rows: Finding[], format: string): string {
  const fields = "{{.Kind}}\t{{.State}}\t{{.Owner}}\t{{.Size}}\t{{.Name}}";
  return listText({ columns, rows, format, table: fields, type: "*check.finding" });
}

function summarize(cli: Cli, { Findings, Repaired }: Result): void {
  const count = (state: string) => Findings.filter(({ State }) => State === state).length;
  const bytes = Findings.reduce((sum, { Size }) => sum + (Size ?? 0), 0);
  for (const { Kind, Name, Error: why } of Repaired) {
    cli.out.write(why === "" ? `removed ${Kind} ${Name}\n` : `not removed: ${Kind} ${Name}: ${why}\n`);
  }
  cli.out.write(
    `\n${Findings.length} things, ${humanSize(bytes)} on disk: ${count("owned")} with an owner, ${count("orphan")} orphans, ${count("unknown")} unknown\n`,
  );
}

function ownerText({ Type, ID, Name }: NonNullable<Finding["Owner"]>): string {
  return Type === "engine" ? "engine" : `${Type} ${Name || ID.replace("sha256:", "").slice(0, 12)}`;
}
