import { complain, say } from "../../cli.ts";
import { command } from "../../command.ts";
import { bool, list, map, strings, text } from "../../flags/flag.ts";
import { label } from "../../options/checks.ts";
import { ipamConfigs } from "../../options/ipam.ts";
import { toMap } from "../../options/key-value-files.ts";

export default command({
  usage: "[OPTIONS] NETWORK",
  about: "Create a network",
  flags: {
    attachable: bool("attachable", "Enable manual container attachment"),
    auxAddress: map("aux-address", "Auxiliary IPv4 or IPv6 addresses used by Network driver"),
    configFrom: text("config-from", "The network from which to copy the configuration"),
    configOnly: bool("config-only", "Create a configuration only network"),
    driver: text("driver,d", "Driver to manage the Network", { fallback: "bridge" }),
    gateway: strings("gateway", "IPv4 or IPv6 Gateway for the master subnet"),
    ingress: bool("ingress", "Create swarm routing-mesh network"),
    internal: bool("internal", "Restrict external access to the network"),
    ipRange: strings("ip-range", "Allocate container ip from a sub-range"),
    ipamDriver: text("ipam-driver", "IP Address Management Driver", { fallback: "default" }),
    ipamOpt: map("ipam-opt", "Set IPAM driver specific options"),
    ipv4: bool("ipv4", "Enable or disable IPv4 address assignment", { fallback: true }),
    ipv6: bool("ipv6", "Enable or disable IPv6 address assignment"),
    label: list("label", "Set metadata on a network", label),
    opt: map("opt,o", "Set driver specific options"),
    scope: text("scope", "Control the network's scope"),
    subnet: strings("subnet", "Subnet in CIDR format that represents a network segment"),
  },
  args: [1, 1],
  async run(cli, { flags, given, args: [name = ""] }) {
    const body = {
      Name: name,
      Driver: flags.driver,
      Scope: flags.scope,
      EnableIPv4: given.has("ipv4") ? flags.ipv4 : undefined,
      EnableIPv6: given.has("ipv6") ? flags.ipv6 : undefined,
      IPAM: { Driver: flags.ipamDriver, Options: flags.ipamOpt, Config: ipamConfigs(flags) },
      Internal: flags.internal,
      Attachable: flags.attachable,
      Ingress: flags.ingress,
      ConfigOnly: flags.configOnly,
      ConfigFrom: flags.configFrom ? { Network: flags.configFrom } : null,
      Options: flags.opt,
      Labels: toMap(flags.label),
    };
    const { Id, Warning } = await cli.engine.post<{ Id: string; Warning?: string }>("/networks/create", { body });
    if (Warning) complain(cli, `WARNING: ${Warning}`);
    say(cli, Id);
    return undefined;
  },
});
