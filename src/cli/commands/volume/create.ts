import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { list, map, text } from "../../flags/flag.ts";
import { label } from "../../options/checks.ts";
import { orAbsent, toMap } from "../../options/key-value-files.ts";

export default command({
  usage: "[OPTIONS] [VOLUME]",
  about: "Create a volume",
  flags: {
    driver: text("driver,d", "Specify volume driver name", { fallback: "local" }),
    label: list("label", "Set metadata for a volume", label),
    name: text("name", "Specify volume name", { hidden: true }),
    opt: map("opt,o", "Set driver specific options"),
  },
  args: [0, 1],
  async run(cli, { flags, args: [name] }) {
    if (name && flags.name)
      throw new CliError(
        "conflicting options: cannot specify a volume-name through both --name and as a positional arg",
      );
    const body = {
      Name: (name ?? flags.name) || undefined,
      Driver: flags.driver,
      DriverOpts: orAbsent(flags.opt),
      Labels: orAbsent(toMap(flags.label)),
    };
    const { Name } = await cli.engine.post<{ Name: string }>("/volumes/create", { body });
    say(cli, Name);
    return undefined;
  },
});
