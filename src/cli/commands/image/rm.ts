import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { CliError, isNotFound, textOf } from "../../errors.ts";
import { bool, strings } from "../../flags/flag.ts";
import { platformOf } from "../../text/platform.ts";

type Deleted = { Deleted?: string; Untagged?: string };

export default command({
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  about: "Remove one or more images",
  aliases: ["image rm", "image remove", "rmi"],
  flags: {
    force: bool("force,f", "Force removal of the image"),
    noPrune: bool("no-prune", "Do not delete untagged parents"),
    platform: strings(
      "platform",
      'Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
  },
  args: [1, Infinity],
  async run(cli, { flags, args }) {
    const platforms = flags.platform.map((platform) => JSON.stringify(platformOf(platform)));
    const errors: string[] = [];
    let fatal = false;
    for (const image of args) {
      try {
        const deleted = await cli.engine.delete<Deleted[] | null>(`/images/${image}`, {
          query: {
            force: flags.force || undefined,
            noprune: flags.noPrune || undefined,
            platforms: platforms.length ? platforms : undefined,
          },
        });
        for (const { Deleted, Untagged } of deleted ?? [])
          say(cli, Deleted ? `Deleted: ${Deleted}` : `Untagged: ${Untagged}`);
      } catch (error) {
        fatal ||= !isNotFound(error);
        errors.push(textOf(error));
      }
    }
    if (errors.length === 0) return undefined;
    const text = errors.join("\n");
    // With --force an image that is not there is what was wanted.
    if (fatal || !flags.force) throw new CliError(text);
    cli.err.write(`${text}\n`);
    return undefined;
  },
});
