import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { slug } from "../../each.ts";

export default command({
  usage: "CONTAINER",
  about: "Inspect changes to files or directories on a container's filesystem",
  aliases: ["container diff", "diff"],
  flags: {},
  args: [1, 1],
  async run(cli, { args: [name = ""] }) {
    const changes = await cli.engine.get<{ Kind: number; Path: string }[] | null>(`/containers/${slug(name)}/changes`);
    for (const { Kind, Path } of changes ?? []) say(cli, `${["C", "A", "D"][Kind] ?? "?"} ${Path}`);
    return undefined;
  },
});
