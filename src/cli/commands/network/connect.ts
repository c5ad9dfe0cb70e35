import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { CliError } from "../../errors.ts";
import { int, list, strings, text } from "../../flags/flag.ts";
import { link } from "../../options/checks.ts";
import { endpoint } from "../../options/endpoints.ts";
import { toMap } from "../../options/key-value-files.ts";

export default command({
  usage: "[OPTIONS] NETWORK CONTAINER",
  about: "Connect a container to a network",
  flags: {
    alias: strings("alias", "Add network-scoped alias for the container"),
    driverOpt: strings("driver-opt", "driver options for the network"),
    gwPriority: int(
      "gw-priority",
      "Highest gw-priority provides the default gateway. Accepts positive and negative values.",
    ),
    ip: text("ip", 'IPv4 address (e.g., "172.30.100.104")'),
    ip6: text("ip6", 'IPv6 address (e.g., "2001:db8::33")'),
    link: list("link", "Add link to another container", link),
    linkLocalIp: strings("link-local-ip", "Add a link-local address for the container"),
  },
  args: [2, 2],
  async run(cli, { flags, args: [network = "", container = ""] }) {
    if (flags.driverOpt.some((option) => !option.includes("=")))
      throw new CliError("invalid key/value pair format in driver options");
    const config = endpoint(
      {
        target: network,
        aliases: flags.alias,
        driverOpts: toMap(flags.driverOpt),
        ip: flags.ip,
        ip6: flags.ip6,
        linkLocalIps: flags.linkLocalIp,
        mac: "",
        gwPriority: flags.gwPriority,
      },
      flags.link,
    );
    await cli.engine.text("POST", `/networks/${slug(network)}/connect`, {
      body: {
        Container: container,
        EndpointConfig: {
          ...config,
          IPAMConfig: config.IPAMConfig ?? {},
          Aliases: config.Aliases ?? [],
          DriverOpts: config.DriverOpts ?? {},
        },
      },
    });
    return undefined;
  },
});
