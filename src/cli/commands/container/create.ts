import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { text } from "../../flags/flag.ts";
import { containerFlags } from "../../options/container-flags.ts";
import { type CreateBody, createBody } from "../../options/create-body.ts";
import { checkSupported } from "../../options/supported.ts";
import { checkPull, createContainer } from "../../run/create-container.ts";
import { failure } from "../../run/failure.ts";

export default command({
  usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  about: "Create a new container",
  aliases: ["container create", "create"],
  flags: {
    ...containerFlags,
    pull: text("pull", 'Pull image before creating ("always", "|missing", "never")', { fallback: "missing" }),
  },
  args: [1, Infinity],
  passThrough: true,
  async run(cli, { flags, given, args }) {
    await checkSupported(cli, given);
    let body: CreateBody;
    try {
      checkPull(flags.pull);
      body = createBody(flags, given, args);
    } catch (error) {
      throw failure(cli, "create", error, 125);
    }
    say(cli, (await createContainer(cli, body, flags)).id);
    return undefined;
  },
});
