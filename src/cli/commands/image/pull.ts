import { complain, say } from "../../cli.ts";
import { command } from "../../command.ts";
import { registryAuth } from "../../engine/config-file.ts";
import { CliError } from "../../errors.ts";
import { bool, text } from "../../flags/flag.ts";
import { splitReference } from "../../run/create-container.ts";
import { showProgress } from "../../streams/progress.ts";
import { checkReference, familiarName, fullName } from "../../text/reference.ts";

export default command({
  usage: "[OPTIONS] NAME[:TAG|@DIGEST]",
  about: "Download an image from a registry",
  aliases: ["image pull", "pull"],
  flags: {
    allTags: bool("all-tags,a", "Download all tagged images in the repository"),
    disableContentTrust: bool("disable-content-trust", "Skip image verification", { fallback: true }),
    platform: text("platform", "Set platform if server is multi-platform capable"),
    quiet: bool("quiet,q", "Suppress verbose output"),
  },
  args: [1, 1],
  async run(cli, { flags, args: [image = ""] }) {
    const tagged = checkReference(image).includes("@") || /:[^/]+$/.test(image);
    if (flags.allTags && tagged) throw new CliError("tag can't be used with --all-tags/-a");
    if (!tagged && !flags.allTags && !flags.quiet) complain(cli, "Using default tag: latest");
    const name = flags.allTags ? image : familiarName(image);
    const [fromImage, tag] = splitReference(
      fullName(flags.allTags ? familiarName(image).replace(/:latest$/, "") : name),
    );
    const reply = await cli.engine.open("POST", "/images/create", {
      query: { fromImage, tag: tag || undefined, platform: flags.platform.toLowerCase() || undefined },
      headers: { "X-Registry-Auth": registryAuth(cli.config, image) },
    });
    await showProgress(reply, flags.quiet ? undefined : cli.out);
    say(cli, fullName(name));
    return undefined;
  },
});
