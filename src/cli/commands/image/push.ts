import { complain, say } from "../../cli.ts";
import { command } from "../../command.ts";
import { registryAuth } from "../../engine/config-file.ts";
import { CliError } from "../../errors.ts";
import { bool, text } from "../../flags/flag.ts";
import { splitReference } from "../../run/create-container.ts";
import { showProgress } from "../../streams/progress.ts";
import { platformOf } from "../../text/platform.ts";
import { checkReference, familiarName, fullName } from "../../text/reference.ts";

export default command({
  usage: "[OPTIONS] NAME[:TAG]",
  about: "Upload an image to a registry",
  aliases: ["image push", "push"],
  flags: {
    allTags: bool("all-tags,a", "Push all tags of an image to the repository"),
    disableContentTrust: bool("disable-content-trust", "Skip image signing", { fallback: true }),
    platform: text(
      "platform",
      `Push a platform-specific manifest as a single-platform image to the registry.
Image index won't be pushed, meaning that other manifests, including attestations won't be preserved.
'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)`,
    ),
    quiet: bool("quiet,q", "Suppress verbose output"),
  },
  args: [1, 1],
  async run(cli, { flags, args: [image = ""] }) {
    const tagged = /:[^/]+$/.test(checkReference(image));
    if (flags.allTags && tagged) throw new CliError("tag can't be used with --all-tags/-a");
    if (!flags.allTags && !tagged && !flags.quiet) complain(cli, "Using default tag: latest");
    const name = familiarName(image);
    const [repository, tag] = splitReference(name);
    const platform = flags.platform ? JSON.stringify(platformOf(flags.platform)) : undefined;
    const reply = await cli.engine.open("POST", `/images/${repository}/push`, {
      query: { tag: flags.allTags ? undefined : tag, platform },
      headers: { "X-Registry-Auth": registryAuth(cli.config, image) },
    });
    await showProgress(reply, flags.quiet ? undefined : cli.out);
    if (flags.quiet) say(cli, fullName(flags.allTags ? repository : name));
    return undefined;
  },
});
