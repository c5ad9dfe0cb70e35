import { command } from "../../command.ts";
import { post, slug } from "../../each.ts";
import { CliError, textOf } from "../../errors.ts";

export default command({
  usage: "CONTAINER NEW_NAME",
  about: "Rename a container",
  aliases: ["container rename", "rename"],
  flags: {},
  args: [2, 2],
  async run(cli, { args: [old = "", next = ""] }) {
    if (old.trim() === "" || next.trim() === "") throw new CliError("Error: Neither old nor new names may be empty");
    try {
      return await post(cli, `/containers/${slug(old)}/rename`, { name: next });
    } catch (error) {
      throw new CliError(`${textOf(error)}
Error: failed to rename container named ${old}`);
    }
  },
});
