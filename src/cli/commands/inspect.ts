import { type Cli, complain } from "../cli.ts";
import { command } from "../command.ts";
import { slug } from "../each.ts";
import { CliError, isNotFound, textOf } from "../errors.ts";
import { bool, text } from "../flags/flag.ts";
import { inspect } from "../format/inspect.ts";
import { INSPECT_FORMAT } from "../help-texts.ts";

/** Kinds of objects in the order in which a bare name is looked for. */
const KINDS: Record<string, (name: string) => string> = {
  container: (name) => `/containers/${slug(name)}/json`,
  image: (name) => `/images/${name}/json`,
  network: (name) => `/networks/${slug(name)}`,
  volume: (name) => `/volumes/${slug(name)}`,
  plugin: (name) => `/plugins/${name}/json`,
};
const SWARM = ["config", "node", "secret", "service", "task"];

export default command({
  usage: "[OPTIONS] NAME|ID [NAME|ID...]",
  about: "Return low-level information on Docker objects",
  flags: {
    format: text("format,f", INSPECT_FORMAT),
    size: bool("size,s", "Display total file sizes if the type is container"),
    type: text("type", "Only inspect objects of the given type"),
  },
  args: [1, Infinity],
  async run(cli, { flags, given, args }) {
    const known = [...Object.keys(KINDS), ...SWARM].sort();
    if (given.has("type") && flags.type === "")
      throw new CliError(`type is empty: must be one of "${known.join('", "')}"`);
    if (flags.type && !known.includes(flags.type))
      throw new CliError(`unknown type: ${JSON.stringify(flags.type)}: must be one of "${known.join('", "')}"`);
    await inspect(cli, args, flags.format, (name) => find(cli, name, flags));
    return undefined;
  },
});

async function find(cli: Cli, name: string, { type, size }: { type: string; size: boolean }): Promise<string> {
  if (SWARM.includes(type)) return cli.engine.text("GET", `/${type}s/${slug(name)}`);
  for (const kind of type ? [type] : Object.keys(KINDS)) {
    try {
      const raw = await cli.engine.text("GET", KINDS[kind]?.(name) ?? "", {
        query: { size: kind === "container" && size ? true : undefined },
      });
      if (size && kind !== "container") complain(cli, `WARNING: --size ignored for ${kind}`);
      return raw;
    } catch (error) {
      const other = isNotFound(error) || /not supported|invalid reference format|not implemented/i.test(textOf(error));
      if (type || !other) throw error;
    }
  }
  throw new CliError(`Error: No such object: ${name}`);
}
