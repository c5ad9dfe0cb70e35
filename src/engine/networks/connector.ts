/** Networks as the start of a container sees them: reserve, then activate, then release. */
import { randomInt } from "node:crypto";
import type { NetworkSpec, ProcessRef } from "../../isolation/spec.ts";
import { contains, parseAddress } from "../../kernel/cidr.ts";
import type { Connector, Endpoint, EndpointRequest, PublishedPort } from "../ports.ts";
import { makeEndpoint } from "./endpoint.ts";
import { type EndpointPlan, LOOPBACK_ONLY, networkSpec } from "./endpoint-plan.ts";
import { holdAgain, holdPorts } from "./host-ports.ts";
import { BRIDGE_OPTION, isDefaultBridge, isOn, mtuOf, type Network } from "./network.ts";
import { findNetwork, freeAddresses, type NetworkState, networkEvent, type Reservation } from "./state.ts";

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
    const plans: EndpointPlan[] = [];
    for (const wanted of request.endpoints) {
      const network = findNetwork(state, wanted.network);
      const endpoint = makeEndpoint(state, network, wanted);
      reservation.endpoints.push(endpoint);
      if (network.record.driver === "bridge") plans.push(planEndpoint(network, endpoint, `eth${plans.length}`));
    }
    if (request.endpoints.some(({ network }) => findNetwork(state, network).record.driver === "host"))
      return { endpoints: [...reservation.endpoints], ports: [], spec: { host: [], container: [] } };
    const gateway = chooseGateway(state, plans, request.endpoints);
    if (gateway) {
      gateway.isGateway = true;
      gateway.port.hairpin = request.ports.length > 0;
      await publishOn(state, reservation, { owner: first.name, plan: gateway, ports: request.ports });
    }
    const dnsBy = plans.find(({ endpoint }) => endpoint.ipv4 !== "" && state.names.listening(endpoint.networkId));
    return {
      endpoints: [...reservation.endpoints],
      ports: publishedPorts(reservation),
      spec: networkSpec(plans, { dnsBy }),
    };
  } catch (error) {
    await release(state, first.containerId);
    throw error;
  }
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
    if (network) networkEvent(state, "connect", network.record, { container: containerId });
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
  for (const endpoint of reservation.active ? reservation.endpoints : []) {
    const network = state.networks.get(endpoint.networkId);
    if (network) networkEvent(state, "disconnect", network.record, { container: containerId });
  }
}

/** Reserve again what containers that run have, after the engine's own restart. Rules are written by the caller. */
export async function restoreReservation(
  state: NetworkState,
  container: { id: string; endpoints: Endpoint[]; ports: PublishedPort[] },
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
  const target = reservation.endpoints.find(({ networkId }) => !state.networks.get(networkId)?.record.internal);
  if (target && container.ports.length > 0) Object.assign(reservation, await holdAgain(state, target, container.ports));
}

export function planEndpoint(network: Network, endpoint: Endpoint, interfaceName: string): EndpointPlan {
  return {
    endpoint,
    interfaceName,
    // Chosen here, because the messages for addresses and routes name it. Far above what the kernel counts up to.
    interfaceIndex: randomInt(1 << 20, 1 << 30),
    bridge: network.record.bridge,
    bridgeIndex: network.bridgeIndex,
    mtu: mtuOf(network.record),
    port: { isolated: !isOn(network.record, BRIDGE_OPTION.icc), hairpin: false },
    isGateway: false,
  };
}

export async function publishOn(
  state: NetworkState,
  reservation: Reservation,
  { owner, plan, ports }: { owner: string; plan: EndpointPlan; ports: PrepareRequest["ports"] },
): Promise<void> {
  if (ports.length === 0) return;
  const network = findNetwork(state, plan.endpoint.networkId);
  const defaultHostIp = network.record.options[BRIDGE_OPTION.hostBinding] ?? "";
  const { rules, held } = await holdPorts(state, {
    owner,
    endpoint: plan.endpoint,
    ports,
    defaultHostIp: isDefaultBridge(network.record) && defaultHostIp === "0.0.0.0" ? "" : defaultHostIp,
  });
  reservation.rules.push(...rules);
  reservation.held.push(...held);
}

/** The network with the highest priority that leads out; among equals the first by name, as docker has it. */
function chooseGateway(
  state: NetworkState,
  plans: EndpointPlan[],
  requests: (EndpointRequest & { network: string })[],
): EndpointPlan | undefined {
  const priority = ({ endpoint }: EndpointPlan) =>
    requests.find(({ network }) => network === endpoint.networkName || network === endpoint.networkId)?.gwPriority ?? 0;
  return plans
    .filter(({ endpoint }) => !findNetwork(state, endpoint.networkId).record.internal)
    .sort((a, b) => priority(b) - priority(a) || compare(a.endpoint.networkName, b.endpoint.networkName))[0];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function publishedPorts(reservation: Reservation): PublishedPort[] {
  return reservation.rules.map(({ proto, containerPort, hostIp, hostPort }) => ({
    proto,
    containerPort,
    hostIp,
    hostPort,
  }));
}
