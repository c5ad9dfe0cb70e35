import { connect } from "node:net";
import { command } from "../../command.ts";
import { CliError } from "../../errors.ts";

export default command({
  usage: "",
  about: "Proxy the stdio stream to the daemon connection. Should not be invoked manually.",
  flags: {},
  args: [0, 0],
  async run(cli) {
    const { host } = cli.engine;
    // Half a close must pass in both directions: the other side may have more to say after its input has ended.
    const socket = connect({
      ...("socketPath" in host ? { path: host.socketPath } : { host: host.host, port: host.port }),
      allowHalfOpen: true,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once("error", (error) => reject(new CliError(`failed to connect to ${host.address}: ${error.message}`)));
      socket.once("end", resolve);
      cli.in.pipe(socket);
      socket.on("data", (chunk) => {
        if (!cli.out.write(chunk)) {
          socket.pause();
          cli.out.once("drain", () => socket.resume());
        }
      });
    });
    return undefined;
  },
});
