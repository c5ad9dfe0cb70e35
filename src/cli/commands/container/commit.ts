import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { bool, list, text } from "../../flags/flag.ts";
import { splitReference } from "../../run/create-container.ts";
import { familiarName, fullName } from "../../text/reference.ts";

export default command({
  usage: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
  about: "Create a new image from a container's changes",
  aliases: ["container commit", "commit"],
  flags: {
    author: text("author,a", 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")'),
    change: list("change,c", "Apply Dockerfile instruction to the created image"),
    message: text("message,m", "Commit message"),
    pause: bool("pause,p", "Pause container during commit", { fallback: true }),
  },
  args: [1, 2],
  async run(cli, { flags, args: [container = "", reference] }) {
    const [repo, tag] = reference ? splitReference(fullName(familiarName(reference))) : ["", ""];
    const { Id } = await cli.engine.post<{ Id: string }>("/commit", {
      query: {
        container,
        repo,
        tag,
        author: flags.author,
        comment: flags.message,
        changes: flags.change.length ? flags.change : undefined,
        pause: flags.pause ? undefined : false,
      },
    });
    say(cli, Id);
    return undefined;
  },
});
