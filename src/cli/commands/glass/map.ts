import type { MapAnswer } from "../../../wire/glass.ts";
import { complain, say } from "../../cli.ts";
import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { CliError } from "../../errors.ts";
import { text } from "../../flags/flag.ts";
import { cgroupTable, namespaceTable, processTable } from "./process-text.ts";

export default command({
  usage: "CONTAINER",
  about: "Show a container's processes as inside and outside see them: numbers, users, namespaces, cgroup, powers",
  flags: { format: text("format", "Format output: text or json", { fallback: "text" }) },
  args: [1, 1],
  async run(cli, { flags, args: [name = ""] }) {
    const map = await cli.engine.get<MapAnswer>(`/cloche/v1/containers/${slug(name)}/map`);
    if (flags.format === "json") {
      say(cli, JSON.stringify(map, null, 2));
      return undefined;
    }
    if (flags.format !== "text") throw new CliError(`unknown format "${flags.format}": text and json are known`);
    if (map.reason !== undefined) {
      complain(cli, map.reason);
      return 1;
    }
    const [first] = map.processes;
    cli.out.write(processTable(map.processes));
    cli.out.write(`\n${namespaceTable(map.processes)}`);
    if (first) {
      cli.out.write(`\n${cgroupTable(first)}`);
      say(cli, `\nCAPABILITIES AT MOST\n${first.capabilities.bounding.join(" ") || "none"}`);
    }
    return undefined;
  },
});
