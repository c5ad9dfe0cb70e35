import { command } from "../../command.ts";
import { post } from "../../each.ts";
import { CliError, textOf } from "../../errors.ts";
import { splitReference } from "../../run/create-container.ts";
import { checkReference, familiarName, fullName } from "../../text/reference.ts";

export default command({
  usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
  about: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
  aliases: ["image tag", "tag"],
  flags: {},
  args: [2, 2],
  async run(cli, { args: [source = "", target = ""] }) {
    try {
      checkReference(target);
    } catch (error) {
      throw new CliError(
        `Error parsing reference: ${JSON.stringify(target)} is not a valid repository/tag: ${textOf(error)}`,
      );
    }
    const [repo, tag] = splitReference(fullName(familiarName(target)));
    return post(cli, `/images/${source}/tag`, { repo, tag });
  },
});
