import type { Owner, WhoisAnswer } from "../../../wire/glass.ts";
import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { CliError } from "../../errors.ts";
import { text } from "../../flags/flag.ts";
import { alignTabs } from "../../text/table.ts";
import { paintFor, plain } from "./paint.ts";
import { pidChain } from "./process-text.ts";

const KINDS: Readonly<Record<Owner["kind"], string>> = {
  host: "a process of the host, in no container",
  cloche: "in a container of this engine",
  docker: "in a container of dockerd or of another engine with docker's cgroups",
  podman: "in a container of podman",
  kubernetes: "in a container of a Kubernetes pod",
  containerd: "in a container of containerd",
  lxc: "in an LXC container",
  nspawn: "in a machine of systemd-nspawn",
  unknown: "isolated by somebody unknown",
};

export default command({
  usage: "PID",
  about: "Tell whose a process of the host is, what isolates it from the host, and what limits it",
  flags: { format: text("format", "Format output: text or json", { fallback: "text" }) },
  args: [1, 1],
  async run(cli, { flags, args: [pid = ""] }) {
    const found = await cli.engine.get<WhoisAnswer>(`/cloche/v1/whois/${slug(pid)}`);
    if (flags.format === "json") {
      say(cli, JSON.stringify(found, null, 2));
      return undefined;
    }
    if (flags.format !== "text") throw new CliError(`unknown format "${flags.format}": text and json are known`);
    const paint = paintFor(cli);
    const { owner, process, isolation, limits } = found;
    const names = [owner.name, owner.pod && `pod ${owner.pod}`, owner.id].filter(Boolean).join(", ");
    say(cli, paint.bold(`${pidChain(process)}  ${plain(process.command)}`));
    say(cli, `${KINDS[owner.kind]}${names ? `: ${names}` : ""}`);
    say(cli, paint.dim(`because ${plain(owner.because)}`));
    say(cli, `\n${paint.bold("What isolates it from the host")}`);
    const walls = isolation.map(({ what, holds, detail }) => `  ${holds ? "✔" : "✘"} ${what}\t${detail}`);
    say(cli, alignTabs(walls.join("\n"), 4, 2));
    say(cli, `\n${paint.bold("What limits it")}`);
    if (limits.length === 0) say(cli, "  nothing: no cgroup of its own or above has a limit");
    else
      say(
        cli,
        alignTabs(
          limits.map(({ name, value, file, at }) => `  ${name}\t${value}\t${plain(at)}\t${file}`).join("\n"),
          4,
          2,
        ),
      );
    return undefined;
  },
});
