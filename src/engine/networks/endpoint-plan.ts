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
import {
  type BridgePort,
  newIpvlan,
  newMacvlan,
  newVeth,
  setBridgePort,
  setLink,
  type TargetNamespace,
} from "../../kernel/netlink-link.ts";
import type { Endpoint } from "../ports.ts";
import type { VlanLink } from "./vlan-options.ts";

export type EndpointPlan = {
  endpoint: Endpoint;
  /** eth0, eth1 … */
  interfaceName: string;
  /** In the container; of a pair, both ends have it, each in its own namespace. */
  interfaceIndex: number;
  link: BridgeLink | (VlanLink & { parent: string; parentIndex: number });
  /** bytes; absent: the parent's */
  mtu?: number;
  /** The container's default routes go this way. */
  routes: { 4: boolean; 6: boolean };
};

export type BridgeLink = { kind: "bridge"; name: string; index: number; port: BridgePort };

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
  if (options.dnsBy) spec.container.push(...dnsRoute(options.dnsBy, { first: true }));
  return spec;
}

/** The host's side: a pair with its near end in the bridge, or a link on the parent; the far end in the container. */
export function hostMessages(plan: EndpointPlan, namespace: TargetNamespace): NetworkSpec["host"][number] {
  const { endpoint, interfaceIndex: index, interfaceName: name, link } = plan;
  const mtu = plan.mtu === undefined ? {} : { mtu: plan.mtu };
  if (link.kind !== "bridge") {
    const own = { name, index, ...mtu, parent: link.parentIndex, namespace };
    const request =
      link.kind === "macvlan"
        ? newMacvlan({ ...own, mac: endpoint.mac, mode: link.mode })
        : newIpvlan({ ...own, mode: link.mode, flag: link.flag });
    return {
      label: `${link.kind} ${name} on ${link.parent}, mode ${link.mode}, in the container`,
      messages: encodeRequests([request]),
    };
  }
  const requests = [
    newVeth(
      { name: endpoint.hostInterface, index, ...mtu, up: true, master: link.index },
      { name, index, ...mtu, mac: endpoint.mac, namespace },
    ),
  ];
  if (link.port.isolated || link.port.hairpin) requests.push(setBridgePort(index, link.port));
  return {
    label: `${endpoint.hostInterface} in bridge ${link.name}, its peer ${name} in the container`,
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
    if (address) requests.push(newAddress(index, address, subnetOf(address, side.prefixLength)));
  }
  requests.push(...defaultRoutes(endpoint, index, plan.routes));
  const shown = sides(endpoint).map((side) => `${side.address}/${side.prefixLength}`);
  const leadsOut = plan.routes[4] || plan.routes[6];
  return {
    label: `${name} up, ${shown.join(", ")}${leadsOut ? ", default route" : ""}`,
    messages: encodeRequests(requests),
  };
}

/** The default routes of these families by one interface; they take the place of others. */
export function defaultRoutes(
  endpoint: Endpoint,
  index: number,
  families: { 4: boolean; 6: boolean },
): NetlinkRequest[] {
  return sides(endpoint)
    .filter(({ family }) => families[family])
    .map(({ family, gateway }) => {
      const by = parseAddress(gateway);
      // Without a gateway the device alone knows the way: ipvlan in mode l3.
      return by ? defaultRoute(index, by) : newRoute({ family, index });
    });
}

/**
 * Send DNS_ADDRESS to the bridge, where the host's rules hand it to the engine's DNS server; decision 0031.
 * The /32 in table local is more specific than 127/8. Answers come from a loopback address, so the link must take such
 * packets; the rule before all others then refuses what neighbours send to the container's own 127/8.
 * @param options.first a fresh namespace. Else some of it may be there from an earlier way to the server: that is no error
 */
export function dnsRoute(plan: EndpointPlan, options: { first: boolean }): NetworkSpec["container"] {
  const { endpoint, interfaceName: name, interfaceIndex: index } = plan;
  const gateway = parseAddress(endpoint.gateway);
  const source = parseAddress(endpoint.ipv4);
  const destination = parseCidr(`${DNS_ADDRESS}/32`)?.subnet;
  const loopback = parseCidr("127.0.0.0/8")?.subnet;
  if (!gateway || !source) throw new RangeError(`${endpoint.networkName}: DNS needs IPv4`);
  const rules = [
    newRule({ priority: 1, action: { lookup: RT_TABLE_LOCAL } }),
    deleteRule({ priority: 0, action: { lookup: RT_TABLE_LOCAL } }),
    newRule({ priority: 0, action: "prohibit", destination: loopback, incoming: name }),
  ];
  const route = [
    setLink({ name, routeLocalnet: true }),
    newRoute({ family: 4, index, destination, gateway, source, table: RT_TABLE_LOCAL, onlink: true }),
  ];
  const label = `${DNS_ADDRESS} by ${name}`;
  if (options.first) return [{ label, messages: encodeRequests([...rules, ...route]) }];
  return [
    ...rules.map((rule) => ({ label: `rules for ${DNS_ADDRESS}`, messages: encodeRequests([rule]), optional: true })),
    { label, messages: encodeRequests(route) },
  ];
}

type Side = { family: 4 | 6; address: string; prefixLength: number; gateway: string };

function sides(endpoint: Endpoint): Side[] {
  const all: Side[] = [
    { family: 4, address: endpoint.ipv4, prefixLength: endpoint.prefixLength, gateway: endpoint.gateway },
    { family: 6, address: endpoint.ipv6, prefixLength: endpoint.ipv6PrefixLength, gateway: endpoint.ipv6Gateway },
  ];
  return all.filter((side) => side.address !== "");
}
