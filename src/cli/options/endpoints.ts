import { emptyEndpointSettings } from "../../wire/container.ts";
import type { NetworkOption } from "./networks.ts";

type Endpoint = Record<string, unknown>;
type Options = {
  networks: NetworkOption[];
  aliases: string[];
  links: string[];
  ip: string;
  ip6: string;
  linkLocalIps: string[];
  mac: string;
};

const isUserDefined = (name: string) =>
  !/^(default|none|host|bridge|nat)$/.test(name) && !name.startsWith("container:");

/** --network and the options that go with the first of them, as NetworkingConfig.EndpointsConfig. */
export function endpointsOf(options: Options): Record<string, Endpoint> {
  const endpoints: Record<string, Endpoint> = {};
  const networks: NetworkOption[] = options.networks.length
    ? options.networks
    : [{ target: "default", aliases: [], driverOpts: {}, ip: "", ip6: "", linkLocalIps: [], mac: "", gwPriority: 0 }];
  networks.forEach((given, i) => {
    const { network, links } = i === 0 ? withContainerOptions(given, options) : { network: given, links: [] };
    if (network.target.trim() === "") throw new Error("no name set for network");
    if (!isUserDefined(network.target) && network.target !== "default") {
      if (network.aliases.length)
        throw new Error("network-scoped aliases are only supported for user-defined networks");
    }
    if (Object.hasOwn(endpoints, network.target))
      throw new Error(`network ${JSON.stringify(network.target)} is specified multiple times`);
    // One network without any wish of its own is the engine's to connect: NetworkMode says it.
    if (options.networks.length === 1 && isPlain(network) && links.length === 0) return;
    endpoints[network.target] = endpoint(network, links);
  });
  const kinds = new Set(networks.map((network) => isUserDefined(network.target)));
  if (kinds.size > 1)
    throw new Error("conflicting options: cannot attach both user-defined and non-user-defined network-modes");
  return endpoints;
}

const isPlain = ({ aliases, driverOpts, ip, ip6, linkLocalIps, mac, gwPriority }: NetworkOption) =>
  !aliases.length && !Object.keys(driverOpts).length && !ip && !ip6 && !linkLocalIps.length && !mac && gwPriority === 0;

function withContainerOptions(given: NetworkOption, options: Options): { network: NetworkOption; links: string[] } {
  const conflict = (what: string) => new Error(`conflicting options: cannot specify both ${what}`);
  if (given.aliases.length && options.aliases.length) throw conflict("--network-alias and per-network alias");
  if (given.ip && options.ip) throw conflict("--ip and per-network IPv4 address");
  if (given.ip6 && options.ip6) throw conflict("--ip6 and per-network IPv6 address");
  if (given.mac && options.mac) throw conflict("--mac-address and per-network MAC address");
  if (given.linkLocalIps.length && options.linkLocalIps.length)
    throw conflict("--link-local-ip and per-network link-local IP addresses");
  const network = {
    ...given,
    aliases: options.aliases.length ? options.aliases : given.aliases,
    ip: options.ip || given.ip,
    ip6: options.ip6 || given.ip6,
    mac: options.mac || given.mac,
    linkLocalIps: options.linkLocalIps.length ? options.linkLocalIps : given.linkLocalIps,
  };
  return { network, links: isUserDefined(network.target) ? options.links : [] };
}

/** One endpoint as the API has it. */
export function endpoint(network: NetworkOption, links: string[]): Endpoint {
  const { ip, ip6, linkLocalIps } = network;
  const fixed = ip || ip6 || linkLocalIps.length;
  return {
    ...emptyEndpointSettings(),
    IPAMConfig: fixed
      ? {
          ...(ip && { IPv4Address: ip }),
          ...(ip6 && { IPv6Address: ip6 }),
          ...(linkLocalIps.length && { LinkLocalIPs: linkLocalIps }),
        }
      : null,
    Links: links.length ? links : null,
    Aliases: network.aliases.length ? network.aliases : null,
    MacAddress: network.mac,
    DriverOpts: Object.keys(network.driverOpts).length ? network.driverOpts : null,
    GwPriority: network.gwPriority,
  };
}
