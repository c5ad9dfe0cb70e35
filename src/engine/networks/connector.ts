/** Networks as the start of a container sees them: reserve, then activate, then release. */
import { randomInt } from "node:crypto";
import type { NetworkSpec, ProcessRef } from "../../isolation/spec.ts";
import { contains, parseAddress } from "../../kernel/cidr.ts";
import type { Connector, Endpoint, EndpointRequest, PublishedPort } from "../ports.ts";
import { DNS_INTERFACE, makeDnsEndpoint } from "./dns-link.ts";
import { governReservation } from "./egress.ts";
import { makeEndpoint } from "./endpoint.ts";
import { type EndpointPlan, LOOPBACK_ONLY, networkSpec } from "./endpoint-plan.ts";
import { holdAgain, holdPorts } from "./host-ports.ts";
import { BRIDGE_OPTION, hasInterfaces, isDefaultBridge, isOn, mtuOf, type Network } from "./network.ts";
import { gatewaysOf, type Priorities, portsBy } from "./routing.ts";
import {
  findNetwork,
  freeAddresses,
  type NetworkState,
  networkEvent,
  type Reservation,
  writeFirewall,
} from "./state.ts";
import { vlanLink } from "./vlan-options.ts";

export function createConnector(state: NetworkState): Connector {
  return {
    prepare: (request) => prepare(state, request),
    activate: (containerId, process, endpoints) => activate(state, { containerId, process, endpoints }),
    release: (containerId) => release(state, containerId),
  };
}

type PrepareRequest = Parameters<Connector["prepare"]>[0];

async function prepare(
  state: NetworkState,
  request: PrepareRequest,
): Promise<{ endpoints: Endpoint[]; ports: PublishedPort[]; spec: NetworkSpec }> {
  const [first] = request.endpoints;
  if (first === undefined) return { endpoints: [], ports: [], spec: LOOPBACK_ONLY };
  // What an earlier start that was not released still holds.
  await release(state, first.containerId);
  const reservation: Reservation = { endpoints: [], held: [], rules: [], active: false };
  state.reservations.set(first.containerId, reservation);
  try {
    governReservation(state, reservation, request.endpoints);
    const plans: EndpointPlan[] = [];
    for (const wanted of request.endpoints) {
      const network = findNetwork(state, wanted.network);
      const endpoint = makeEndpoint(state, network, wanted);
      reservation.endpoints.push(endpoint);
      if (hasInterfaces(network.record)) plans.push(await planEndpoint(state, network, endpoint, `eth${plans.length}`));
    }
    if (request.endpoints.some(({ network }) => findNetwork(state, network).record.driver === "host"))
      return { endpoints: [...reservation.endpoints], ports: [], spec: { host: [], container: [] } };
    const dns = await planDns(state, { plans, reservation, request: first });
    const gateways = gatewaysOf(state, reservation.endpoints, prioritiesOf(request.endpoints));
    for (const plan of plans) plan.routes = { 4: gateways[4] === plan.endpoint, 6: gateways[6] === plan.endpoint };
    const published = plans.find(({ endpoint }) => endpoint === portsBy(gateways));
    if (published?.link.kind === "bridge") {
      published.link.port.hairpin = request.ports.length > 0;
      await publishOn(state, reservation, { owner: first.name, endpoint: published.endpoint, ports: request.ports });
    }
    // Before the container's first packet.
    if (reservation.egress) await writeFirewall(state);
    return {
      endpoints: [...reservation.endpoints],
      ports: publishedPorts(reservation),
      spec: networkSpec(plans, dns ? { dnsBy: dns } : {}),
    };
  } catch (error) {
    await release(state, first.containerId);
    throw error;
  }
}

/** The interface by which the container asks for names: one on a bridge, or one that is added for it. */
async function planDns(
  state: NetworkState,
  { plans, reservation, request }: { plans: EndpointPlan[]; reservation: Reservation; request: EndpointRequest },
): Promise<EndpointPlan | undefined> {
  const own = plans.find(({ endpoint }) => servesNames(state, endpoint));
  if (own || !plans.some(({ endpoint }) => endpoint.dnsNames.length > 0)) return own;
  const { network, endpoint } = makeDnsEndpoint(state, request);
  reservation.endpoints.push(endpoint);
  const plan = await planEndpoint(state, network, endpoint, DNS_INTERFACE);
  plans.push(plan);
  return plan;
}

export function servesNames(state: NetworkState, { ipv4, networkId }: Endpoint): boolean {
  return ipv4 !== "" && state.names.listening(networkId) !== undefined;
}

/** What each of the networks was given as --gw-priority. */
function prioritiesOf(requests: (EndpointRequest & { network: string })[]): Priorities {
  return ({ networkName, networkId }) =>
    requests.find(({ network }) => network === networkName || network === networkId)?.gwPriority ?? 0;
}

/** The rules of published ports; a container without any costs nothing here. */
async function activate(
  state: NetworkState,
  { containerId, endpoints }: { containerId: string; process: ProcessRef; endpoints: Endpoint[] },
): Promise<void> {
  const reservation = state.reservations.get(containerId);
  if (reservation && reservation.rules.length > 0) await state.host.firewall.publish(reservation.rules);
  if (reservation) reservation.active = true;
  for (const endpoint of endpoints) {
    const network = state.networks.get(endpoint.networkId);
    if (network && !endpoint.hidden) networkEvent(state, "connect", network.record, { container: containerId });
  }
}

async function release(state: NetworkState, containerId: string): Promise<void> {
  const reservation = state.reservations.get(containerId);
  if (reservation === undefined) return;
  state.reservations.delete(containerId);
  for (const endpoint of reservation.endpoints) freeAddresses(state, endpoint);
  await Promise.all(reservation.held.map((port) => port.close()));
  if (reservation.rules.length > 0)
    await state.host.firewall
      .unpublish(reservation.rules)
      .catch((error: Error) => state.log(`published ports of ${containerId}: ${error.message}`));
  if (reservation.egress) {
    state.refusedNames.delete(containerId.slice(0, 12));
    await writeFirewall(state).catch((error: Error) => state.log(`egress of ${containerId}: ${error.message}`));
  }
  for (const endpoint of reservation.active ? reservation.endpoints : []) {
    const network = state.networks.get(endpoint.networkId);
    if (network && !endpoint.hidden) networkEvent(state, "disconnect", network.record, { container: containerId });
  }
}

/** Reserve again what containers that run have, after the engine's own restart. Rules are written by the caller. */
export async function restoreReservation(
  state: NetworkState,
  container: { id: string; endpoints: Endpoint[]; ports: PublishedPort[] },
  priority: Priorities,
): Promise<void> {
  const reservation: Reservation = { endpoints: [], held: [], rules: [], active: true };
  state.reservations.set(container.id, reservation);
  for (const endpoint of container.endpoints) {
    const network = state.networks.get(endpoint.networkId);
    if (network === undefined) continue;
    reservation.endpoints.push(endpoint);
    for (const text of [endpoint.ipv4, endpoint.ipv6]) {
      const address = parseAddress(text);
      if (address) network.pools.find(({ subnet }) => contains(subnet, address))?.take(address);
    }
  }
  const target = portsBy(gatewaysOf(state, reservation.endpoints, priority));
  if (target && container.ports.length > 0) Object.assign(reservation, await holdAgain(state, target, container.ports));
}

/** @param interfaceName the container's; it is noted in the endpoint, with the number chosen here */
export async function planEndpoint(
  state: NetworkState,
  network: Network,
  endpoint: Endpoint,
  interfaceName: string,
): Promise<EndpointPlan> {
  // Chosen here, because the messages for addresses and routes name it. Far above what the kernel counts up to.
  const interfaceIndex = randomInt(1 << 20, 1 << 30);
  Object.assign(endpoint, { interfaceName, interfaceIndex });
  const plan = { endpoint, interfaceName, interfaceIndex, routes: { 4: false, 6: false } };
  const { record } = network;
  if (record.driver === "bridge") {
    const port = { isolated: !isOn(record, BRIDGE_OPTION.icc), hairpin: false };
    return {
      ...plan,
      mtu: mtuOf(record),
      link: { kind: "bridge", name: record.bridge, index: network.linkIndex, port },
    };
  }
  const parent = record.parent ?? "";
  // A parent may have gone and come again since the engine started: hardware is plugged, VLANs are made anew.
  network.linkIndex = await state.host.ensureParent(parent);
  const mtu = record.options[BRIDGE_OPTION.mtu] === undefined ? {} : { mtu: mtuOf(record) };
  return { ...plan, ...mtu, link: { ...vlanLink(record), parent, parentIndex: network.linkIndex } };
}

export async function publishOn(
  state: NetworkState,
  reservation: Reservation,
  { owner, endpoint, ports }: { owner: string; endpoint: Endpoint; ports: PrepareRequest["ports"] },
): Promise<void> {
  if (ports.length === 0) return;
  const network = findNetwork(state, endpoint.networkId);
  const defaultHostIp = network.record.options[BRIDGE_OPTION.hostBinding] ?? "";
  const { rules, held } = await holdPorts(state, {
    owner,
    endpoint,
    ports,
    defaultHostIp: isDefaultBridge(network.record) && defaultHostIp === "0.0.0.0" ? "" : defaultHostIp,
  });
  reservation.rules.push(...rules);
  reservation.held.push(...held);
}

export function publishedPorts(reservation: Reservation): PublishedPort[] {
  return reservation.rules.map(({ proto, containerPort, hostIp, hostPort }) => ({
    proto,
    containerPort,
    hostIp,
    hostPort,
  }));
}
