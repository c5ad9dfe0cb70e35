import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { alignTabs } from "../../text/table.ts";

export default command({
  usage: "CONTAINER [ps OPTIONS]",
  about: "Display the running processes of a container",
  aliases: ["container top", "top"],
  flags: {},
  args: [1, Infinity],
  passThrough: true,
  async run(cli, { args: [name = "", ...options] }) {
    const reply = await cli.engine.get<{ Titles?: string[]; Processes?: string[][] }>(`/containers/${slug(name)}/top`, {
      query: { ps_args: options.length ? options.join(" ") : undefined },
    });
    const lines = [reply.Titles ?? [], ...(reply.Processes ?? [])].map((cells) => cells.join("\t"));
    cli.out.write(`${alignTabs(lines.join("\n"), 20, 3)}\n`);
    return undefined;
  },
});
