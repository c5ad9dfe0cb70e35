import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { text } from "../../flags/flag.ts";
import { bytesSize } from "../../text/size.ts";
import { alignTabs } from "../../text/table.ts";
import { plain } from "./paint.ts";

/** As GET /cloche/v1/egress answers (docs/glass-api.md). */
type Policy = {
  owner: { kind: string; id: string; name: string };
  rules: { allow: string; packets: number; bytes: number; open: { address: string; seconds: number }[] }[];
  refused: { packets: number; bytes: number; names: Record<string, number> };
};

export default command({
  usage: "[CONTAINER|NETWORK]",
  about: "Show egress policies: what may be reached, what was, and what was refused",
  flags: { format: text("format", "Format output: text or json", { fallback: "text" }) },
  args: [0, 1],
  async run(cli, { flags, args: [name] }) {
    const policies = await cli.engine.get<Policy[]>("/cloche/v1/egress", { query: { name } });
    if (flags.format === "json") say(cli, JSON.stringify(policies, null, 2));
    else if (flags.format !== "text") throw new CliError(`unknown format "${flags.format}": text and json are known`);
    else if (policies.length === 0) say(cli, "no container or network is under an egress policy");
    else say(cli, policies.map(policyText).join("\n\n"));
    return undefined;
  },
});

function policyText({ owner, rules, refused }: Policy): string {
  const lines = [
    `${owner.kind} ${plain(owner.name)}\tCONNECTIONS\tBYTES\tOPEN NOW`,
    ...rules.map(({ allow, packets, bytes, open }) => {
      const now = open.map(({ address, seconds }) => `${address} (${seconds} s)`).join(", ");
      return `  ${plain(allow)}\t${packets}\t${bytesSize(bytes)}\t${now}`;
    }),
    `  everything else\t${refused.packets} refused\t${bytesSize(refused.bytes)}\t`,
    ...Object.entries(refused.names).map(([name, times]) => `  the name ${plain(name)}\t${times} refused\t\t`),
  ];
  return alignTabs(lines.join("\n"), 4, 2);
}
