import { command } from "../../command.ts";
import { each, slug } from "../../each.ts";
import { CliError, isNotFound } from "../../errors.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  about: "Remove one or more containers",
  aliases: ["container rm", "container remove", "rm"],
  flags: {
    force: bool("force,f", "Force the removal of a running container (uses SIGKILL)"),
    link: bool("link,l", "Remove the specified link"),
    volumes: bool("volumes,v", "Remove anonymous volumes associated with the container"),
  },
  args: [1, Infinity],
  run: (cli, { flags, args }) =>
    each(cli, args, async (typed) => {
      const name = typed.replace(/^\/+|\/+$/g, "");
      if (name === "") throw new CliError("Container name cannot be empty");
      try {
        await cli.engine.delete(`/containers/${slug(name)}`, {
          query: { force: flags.force || undefined, link: flags.link || undefined, v: flags.volumes || undefined },
        });
      } catch (error) {
        // With --force a container that is not there is what was wanted; it is told, and is no failure.
        if (!(flags.force && isNotFound(error))) throw error;
        cli.err.write(`${error.message}\n`);
        return null;
      }
      return undefined;
    }),
});
