import type { NamespacesAnswer } from "../../../wire/glass.ts";
import { complain, say } from "../../cli.ts";
import { command } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { bool, text } from "../../flags/flag.ts";
import { alignTabs } from "../../text/table.ts";
import { plain } from "./paint.ts";

const LONGEST_COMMAND = 40;

export default command({
  usage: "[OPTIONS]",
  about: "List the host's namespaces and who lives in them",
  flags: {
    format: text("format", "Format output: text or json", { fallback: "text" }),
    noTrunc: bool("no-trunc", "Don't truncate output"),
    type: text("type", "Show one kind only: user, mnt, pid, uts, ipc, net, cgroup or time"),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    const answer = await cli.engine.get<NamespacesAnswer>("/cloche/v1/namespaces");
    const kinds = ["user", "mnt", "pid", "uts", "ipc", "net", "cgroup", "time"];
    if (flags.type !== "" && !kinds.includes(flags.type))
      throw new CliError(`unknown namespace "${flags.type}": ${kinds.join(", ")} are known`);
    const rows = answer.namespaces.filter(({ kind }) => flags.type === "" || kind === flags.type);
    if (flags.format === "json") {
      say(cli, JSON.stringify(rows, null, 2));
      return undefined;
    }
    if (flags.format !== "text") throw new CliError(`unknown format "${flags.format}": text and json are known`);
    const lines = rows.map(({ kind, inode, host, processes, first, owners }) => {
      const command =
        flags.noTrunc || first.command.length <= LONGEST_COMMAND
          ? first.command
          : `${first.command.slice(0, LONGEST_COMMAND - 1)}…`;
      return [kind, inode, processes, first.pid, host ? "the host's" : owners.join(", "), plain(command)].join("\t");
    });
    say(cli, alignTabs(["KIND\tINODE\tPROCESSES\tFIRST PID\tWHO LIVES THERE\tCOMMAND", ...lines].join("\n"), 4, 2));
    if (answer.unreadable > 0)
      complain(cli, `${answer.unreadable} processes could not be read in /proc; their namespaces are missing here`);
    return undefined;
  },
});
