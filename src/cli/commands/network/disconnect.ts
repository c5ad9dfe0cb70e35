import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { bool } from "../../flags/flag.ts";

export default command({
  usage: "[OPTIONS] NETWORK CONTAINER",
  about: "Disconnect a container from a network",
  flags: { force: bool("force,f", "Force the container to disconnect from a network") },
  args: [2, 2],
  async run(cli, { flags, args: [network = "", container = ""] }) {
    await cli.engine.text("POST", `/networks/${slug(network)}/disconnect`, {
      body: { Container: container, Force: flags.force },
    });
    return undefined;
  },
});
