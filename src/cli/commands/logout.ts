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
    say(cli, `Removing login credentials for ${server ?? DOCKER_HUB}`);
    if (!contents.auths?.[address]) return undefined;
    const { [address]: _removed, ...auths } = contents.auths;
    cli.config.save({ ...contents, auths });
    return undefined;
  },
});
