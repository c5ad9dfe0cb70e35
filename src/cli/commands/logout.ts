import { say } from "../cli.ts";
import { command } from "../command.ts";
import { DOCKER_HUB } from "../engine/config-file.ts";
import { registryKey } from "./login.ts";

export default command({
  usage: "[SERVER]",
  about: "Log out from a registry.\nIf no server is specified, the default is defined by the daemon.",
  flags: {},
  args: [0, 1],
  async run(cli, { args: [server] }) {
    const address = registryKey(server);
    const contents = cli.config.contents();
    if (!contents.auths?.[address]) {
      say(cli, `Not logged in to ${server ?? DOCKER_HUB}`);
      return undefined;
    }
    say(cli, `Removing login credentials for ${server ?? DOCKER_HUB}`);
    const { [address]: _removed, ...auths } = contents.auths;
    cli.config.save({ ...contents, auths });
    return undefined;
  },
});
