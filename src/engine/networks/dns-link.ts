/**
 * How containers that are on no bridge with a DNS server reach the engine's names: by a second interface, dns0, in a bridge of
 * the engine's own that leads to its DNS server and nowhere else; decision 0040. Clients are not shown it.
 */
import { formatAddress, formatSubnet, overlaps, parseCidr, type Subnet } from "../../kernel/cidr.ts";
import { EngineError } from "../errors.ts";
import type { Endpoint, EndpointRequest } from "../ports.ts";
import { bringUp, takeDown } from "./bring-up.ts";
import { subnetsOf } from "./defaults.ts";
import { makeEndpoint } from "./endpoint.ts";
import { BRIDGE_OPTION, hasInterfaces, isDefaultBridge, type Network, type NetworkRecord } from "./network.ts";
import { firstAddress } from "./pool.ts";
import { type NetworkState, writeFirewall } from "./state.ts";

/** The container's interface that leads to the DNS server. */
export const DNS_INTERFACE = "dns0";
/** RFC 3927: link-local addresses; its first and last /24 are reserved, 169.254.169.254 is where clouds tell secrets. */
const BLOCKS = Array.from({ length: 62 }, (_, index) => `169.254.${4 * (index + 1)}.0/22`).filter(
  (block) => block !== "169.254.168.0/22",
);

/** Containers of this network find no DNS server at its gateway. */
export function needsDnsLink(state: NetworkState, record: NetworkRecord): boolean {
  return (
    hasInterfaces(record) &&
    !record.hidden &&
    !isDefaultBridge(record) &&
    state.names.listening(record.id) === undefined
  );
}

/** Make the bridge if some network needs it, remove it if none does. Its firewall rules are written when it is made. */
export async function settleDnsLink(state: NetworkState): Promise<void> {
  const own = findDnsNetwork(state);
  const isNeeded = [...state.networks.values()].some(({ record }) => needsDnsLink(state, record));
  if (isNeeded && !own) await makeDnsNetwork(state);
  if (isNeeded || !own) return;
  state.networks.delete(own.record.id);
  await writeFirewall(state);
  await takeDown(state, own.record);
  state.table.remove(own.record.id);
}

/** A container's endpoint on it. @throws EngineError when there is no such bridge, or no address left */
export function makeDnsEndpoint(
  state: NetworkState,
  request: EndpointRequest,
): { network: Network; endpoint: Endpoint } {
  const network = findDnsNetwork(state);
  if (!network) throw new EngineError("internal", "the bridge to the DNS server is missing");
  const { containerId, name, hostname } = request;
  const endpoint = makeEndpoint(state, network, { containerId, name, hostname, aliases: [] });
  // Of the link nothing but the DNS server is to be reached.
  return { network, endpoint: Object.assign(endpoint, { prefixLength: 32, dnsNames: [], hidden: true as const }) };
}

function findDnsNetwork(state: NetworkState): Network | undefined {
  return [...state.networks.values()].find(({ record }) => record.hidden);
}

async function makeDnsNetwork(state: NetworkState): Promise<void> {
  const id = state.newId();
  const subnet = await freeBlock(state);
  const record: NetworkRecord = {
    id,
    name: "cloche-dns",
    created: state.clock.now(),
    driver: "bridge",
    enableIpv4: true,
    enableIpv6: false,
    internal: true,
    attachable: false,
    ipamDriver: "default",
    ipamOptions: null,
    subnets: [{ subnet: formatSubnet(subnet), gateway: formatAddress(firstAddress(subnet)) }],
    options: { [BRIDGE_OPTION.icc]: "false" },
    labels: {},
    bridge: `br-${id.slice(0, 12)}`,
    hidden: true,
  };
  state.table.put(id, record);
  try {
    await bringUp(state, record);
    await writeFirewall(state);
  } catch (error) {
    await takeDown(state, record).catch((cause: Error) => state.log(`undo of the DNS bridge: ${cause.message}`));
    state.table.remove(id);
    throw error;
  }
}

async function freeBlock(state: NetworkState): Promise<Subnet> {
  const used = [
    ...(await state.host.usedSubnets()),
    ...[...state.networks.values()].flatMap(({ record }) => subnetsOf(record)),
  ];
  for (const block of BLOCKS) {
    const subnet = parseCidr(block)?.subnet;
    // The whole of 169.254/16 is a common route of hosts, and no reason against a part of it.
    if (subnet && !used.some((other) => other.prefixLength > 16 && overlaps(subnet, other))) return subnet;
  }
  throw new EngineError("internal", "no link-local addresses are left for the DNS server");
}
