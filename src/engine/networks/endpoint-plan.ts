/** From an endpoint to the netlink messages that make it: pure. */

import type { NetworkSpec } from "../../isolation/spec.ts";
import { parseAddress, parseCidr, subnetOf } from "../../kernel/cidr.ts";
import {
  defaultRoute,
  deleteRule,
  encodeRequests,
  type NetlinkRequest,
  newAddress,
  newRoute,
  newRule,
} from "../../kernel/netlink.ts";
import { CONTAINER_NETNS_FD, RT_TABLE_LOCAL } from "../../kernel/netlink-constants.ts";
import { type BridgePort, newVeth, setBridgePort, setLink, type TargetNamespace } from "../../kernel/netlink-link.ts";
import type { Endpoint } from "../ports.ts";

export type EndpointPlan = {
  endpoint: Endpoint;
  /** eth0, eth1 … */
  interfaceName: string;
  /** Number of both ends, each in its own namespace. */
  interfaceIndex: number;
  bridge: string;
  bridgeIndex: number;
  mtu: number;
  port: BridgePort;
  /** The container's default route goes this way. */
  isGateway: boolean;
};

/** Where docker's embedded DNS answers; configurations of nginx and others name it. */
export const DNS_ADDRESS = "127.0.0.11";

/** The loopback interface, in every network namespace of a container's own. */
export const LOOPBACK_ONLY: NetworkSpec = {
  host: [],
  container: [{ label: "lo up", messages: encodeRequests([setLink({ name: "lo", up: true })]) }],
};

/** @param options.dnsBy the endpoint by whose gateway DNS_ADDRESS is reached; absent: the container has no DNS of ours */
export function networkSpec(plans: EndpointPlan[], options: { dnsBy?: EndpointPlan }): NetworkSpec {
  const target = { fd: CONTAINER_NETNS_FD };
  const spec: NetworkSpec = {
    host: plans.map((plan) => hostMessages(plan, target)),
    container: [...LOOPBACK_ONLY.container, ...plans.map(containerMessages)],
  };
  if (options.dnsBy) spec.container.push(dnsRoute(options.dnsBy, { first: true }));
  return spec;
}

/** The host's side: the pair, its near end in the bridge, its far end in the container. */
export function hostMessages(plan: EndpointPlan, namespace: TargetNamespace): NetworkSpec["host"][number] {
  const { endpoint, interfaceIndex: index, mtu } = plan;
  const requests = [
    newVeth(
      { name: endpoint.hostInterface, index, mtu, up: true, master: plan.bridgeIndex },
      { name: plan.interfaceName, index, mtu, mac: endpoint.mac, namespace },
    ),
  ];
  if (plan.port.isolated || plan.port.hairpin) requests.push(setBridgePort(index, plan.port));
  return {
    label: `${endpoint.hostInterface} in bridge ${plan.bridge}, its peer ${plan.interfaceName} in the container`,
    messages: encodeRequests(requests),
  };
}

/** The container's side: link-local addresses off before it is up, addresses, default routes. */
export function containerMessages(plan: EndpointPlan): NetworkSpec["container"][number] {
  const { endpoint, interfaceName: name, interfaceIndex: index } = plan;
  const requests: NetlinkRequest[] = [];
  if (endpoint.ipv6 === "") requests.push(setLink({ name, noLinkLocal: true }));
  requests.push(setLink({ name, up: true }));
  for (const side of sides(endpoint)) {
    const address = parseAddress(side.address);
    const gateway = parseAddress(side.gateway);
    if (address === undefined) continue;
    requests.push(newAddress(index, address, subnetOf(address, side.prefixLength)));
    if (plan.isGateway && gateway) requests.push(defaultRoute(index, gateway));
  }
  const shown = sides(endpoint).map((side) => `${side.address}/${side.prefixLength}`);
  return {
    label: `${name} up, ${shown.join(", ")}${plan.isGateway ? ", default route" : ""}`,
    messages: encodeRequests(requests),
  };
}

/**
 * Send DNS_ADDRESS to the bridge, where the host's rules hand it to the engine's DNS server; decision 0031.
 * The /32 in table local is more specific than 127/8. Answers come from a loopback address, so the link must take such
 * packets; the rule before all others then refuses what neighbours send to the container's own 127/8.
 * @param options.first rules are not there yet (a fresh namespace)
 */
export function dnsRoute(plan: EndpointPlan, options: { first: boolean }): NetworkSpec["container"][number] {
  const { endpoint, interfaceName: name, interfaceIndex: index } = plan;
  const gateway = parseAddress(endpoint.gateway);
  const source = parseAddress(endpoint.ipv4);
  const destination = parseCidr(`${DNS_ADDRESS}/32`)?.subnet;
  const loopback = parseCidr("127.0.0.0/8")?.subnet;
  if (!gateway || !source) throw new RangeError(`${endpoint.networkName}: DNS needs IPv4`);
  const moveLocalBack = [
    newRule({ priority: 1, action: { lookup: RT_TABLE_LOCAL } }),
    deleteRule({ priority: 0, action: { lookup: RT_TABLE_LOCAL } }),
  ];
  return {
    label: `${DNS_ADDRESS} by ${name}`,
    messages: encodeRequests([
      ...(options.first ? moveLocalBack : []),
      newRule({ priority: 0, action: "prohibit", destination: loopback, incoming: name }),
      setLink({ name, routeLocalnet: true }),
      newRoute({ family: 4, index, destination, gateway, source, table: RT_TABLE_LOCAL }),
    ]),
  };
}

function sides(endpoint: Endpoint): { address: string; prefixLength: number; gateway: string }[] {
  const all = [
    { address: endpoint.ipv4, prefixLength: endpoint.prefixLength, gateway: endpoint.gateway },
    { address: endpoint.ipv6, prefixLength: endpoint.ipv6PrefixLength, gateway: endpoint.ipv6Gateway },
  ];
  return all.filter((side) => side.address !== "");
}
