/** A network more or less for a container that runs: its interface, and what goes over to another network with it. */
import type { NetworkSpec, ProcessRef } from "../../isolation/spec.ts";
import { encodeRequests } from "../../kernel/netlink.ts";
import { deleteLink } from "../../kernel/netlink-link.ts";
import { undoStack } from "../../lib/undo.ts";
import type { EndpointSettings } from "../../wire/container.ts";
import type { Container } from "../containers/container.ts";
import { networkRequest } from "../containers/network-request.ts";
import type { Endpoint, EndpointRequest } from "../ports.ts";
import { planEndpoint, servesNames } from "./connector.ts";
import { DNS_INTERFACE, makeDnsEndpoint } from "./dns-link.ts";
import { refuseEgressOn } from "./egress.ts";
import { makeEndpoint } from "./endpoint.ts";
import { containerMessages, defaultRoutes, dnsRoute, type EndpointPlan, hostMessages } from "./endpoint-plan.ts";
import { despiteLeftovers } from "./leftover-links.ts";
import { movePorts } from "./move-ports.ts";
import { isDefaultBridge, type Network } from "./network.ts";
import { type Gateways, gatewaysOf, portsBy, prioritiesIn } from "./routing.ts";
import { freeAddresses, type NetworkState, networkEvent, reservationOf, writeFirewall } from "./state.ts";

type Connect = { network: Network; container: Container; process: ProcessRef; settings: EndpointSettings };

/** @throws EngineError; nothing of it remains then */
export async function connectLive(
  state: NetworkState,
  { network, container, process, settings }: Connect,
): Promise<void> {
  const { record } = container;
  await using undo = undoStack((error) => state.log(`undo of network connect: ${error}`));
  const request = endpointRequest(container, network, settings);
  const reservation = reservationOf(state, record.id);
  if (reservation.egress) refuseEgressOn(network.record);
  const endpoint = makeEndpoint(state, network, request);
  undo.add(() => freeAddresses(state, endpoint));
  const plan = await planEndpoint(state, network, endpoint, await freeInterfaceName(state, process));
  const plans = [plan];
  const spec: NetworkSpec = { host: [], container: [] };
  const hasDns = record.endpoints.some((one) => servesNames(state, one));
  if (!hasDns && !servesNames(state, endpoint) && endpoint.dnsNames.length > 0) {
    plans.push(await dnsPlan(state, request));
    undo.add(() => freeAddresses(state, (plans[1] as EndpointPlan).endpoint));
  }
  const priorities = prioritiesIn({ ...record.networking, [network.record.name]: settings });
  const before = gatewaysOf(state, record.endpoints, priorities);
  const after = gatewaysOf(state, [...record.endpoints, endpoint], priorities);
  plan.routes = { 4: after[4] === endpoint, 6: after[6] === endpoint };
  if (plan.link.kind === "bridge")
    plan.link.port.hairpin = portsBy(after) === endpoint && networkRequest(record).ports.length > 0;
  const dns = hasDns ? undefined : plans.find((one) => servesNames(state, one.endpoint));
  spec.host.push(...plans.map((one) => hostMessages(one, { pid: process.pid })));
  spec.container.push(...plans.map(containerMessages), ...(dns ? dnsRoute(dns, { first: false }) : []));
  const added = plans.map((one) => one.endpoint);
  undo.add(async () => {
    reservation.endpoints = reservation.endpoints.filter((one) => !added.includes(one));
    if (reservation.egress) await writeFirewall(state);
  });
  reservation.endpoints.push(...added);
  // Before the first packet.
  if (reservation.egress) await writeFirewall(state);
  undo.add(() => state.host.apply(process, withoutLinks(added)));
  await despiteLeftovers([endpoint], () => state.host.apply(process, spec));
  await movePorts(state, { container, from: portsBy(before), to: portsBy(after) });
  record.endpoints.push(...added);
  undo.keep();
  networkEvent(state, "connect", network.record, { container: record.id });
}

type Disconnect = { container: Container; network: Network; endpoint: Endpoint };

/** Routes, published ports and the way to the DNS server go over to the networks that remain. */
export async function disconnectLive(state: NetworkState, { container, network, endpoint }: Disconnect): Promise<void> {
  const { record } = container;
  const remaining = record.endpoints.filter((other) => other !== endpoint);
  const gone = [endpoint, ...remaining.filter(({ hidden }) => hidden && !remaining.some(isNamed))];
  const left = remaining.filter((other) => !gone.includes(other));
  const priorities = prioritiesIn(record.networking);
  const before = gatewaysOf(state, record.endpoints, priorities);
  const after = gatewaysOf(state, left, priorities);
  const { process } = record.state;
  if (process) {
    const spec = withoutLinks(gone);
    spec.container.push(...newRoutes(before, after));
    const wasDns = record.endpoints.find((one) => servesNames(state, one)) === endpoint;
    if (wasDns && left.some(isNamed)) {
      const plan = await nextDns(state, container, left);
      if (plan && !left.includes(plan.endpoint)) {
        left.push(plan.endpoint);
        spec.host.push(hostMessages(plan, { pid: process.pid }));
        spec.container.push(containerMessages(plan));
      }
      if (plan) spec.container.push(...dnsRoute(plan, { first: false }));
    }
    await state.host.apply(process, spec);
  }
  record.endpoints = left;
  const reservation = reservationOf(state, record.id);
  reservation.endpoints = [...left];
  for (const one of gone) freeAddresses(state, one);
  if (reservation.egress) await writeFirewall(state);
  await movePorts(state, { container, from: portsBy(before), to: portsBy(after) });
  networkEvent(state, "disconnect", network.record, { container: record.id });
}

const isNamed = ({ dnsNames }: Endpoint) => dnsNames.length > 0;

function endpointRequest({ record }: Container, network: Network, settings: EndpointSettings): EndpointRequest {
  return {
    containerId: record.id,
    name: record.name,
    hostname: record.config.Hostname,
    aliases: isDefaultBridge(network.record) ? [] : (settings.Aliases ?? []),
    ...(settings.IPAMConfig?.IPv4Address && { ipv4: settings.IPAMConfig.IPv4Address }),
    ...(settings.IPAMConfig?.IPv6Address && { ipv6: settings.IPAMConfig.IPv6Address }),
    ...(settings.MacAddress && { mac: settings.MacAddress }),
  };
}

async function dnsPlan(state: NetworkState, request: EndpointRequest): Promise<EndpointPlan> {
  const { network, endpoint } = makeDnsEndpoint(state, request);
  return await planEndpoint(state, network, endpoint, DNS_INTERFACE);
}

/** A bridge that the container is still on, or the engine's own. */
async function nextDns(
  state: NetworkState,
  { record }: Container,
  left: Endpoint[],
): Promise<EndpointPlan | undefined> {
  const next = left.find((one) => servesNames(state, one));
  const request = { containerId: record.id, name: record.name, hostname: record.config.Hostname, aliases: [] };
  if (next === undefined) return await dnsPlan(state, request);
  const network = state.networks.get(next.networkId);
  // A container of an older engine: which of its interfaces it is was not written down.
  if (network === undefined || next.interfaceName === undefined || next.interfaceIndex === undefined) return undefined;
  const { interfaceName, interfaceIndex } = next;
  const plan = await planEndpoint(state, network, { ...next }, interfaceName);
  return { ...plan, endpoint: next, interfaceIndex };
}

/** Default routes of interfaces that stay: those of the deleted ones are gone with them. */
function newRoutes(before: Gateways, after: Gateways): NetworkSpec["container"] {
  return ([4, 6] as const).flatMap((family) => {
    const endpoint = after[family];
    if (endpoint?.interfaceIndex === undefined || endpoint === before[family]) return [];
    const requests = defaultRoutes(endpoint, endpoint.interfaceIndex, { 4: family === 4, 6: family === 6 });
    const label = `IPv${family} default route by ${endpoint.interfaceName}`;
    return requests.length > 0 ? [{ label, messages: encodeRequests(requests) }] : [];
  });
}

/** Of a pair, the host's side is deleted, and the other goes with it; else the container's. */
function withoutLinks(endpoints: Endpoint[]): NetworkSpec {
  const deletion = (name: string) => ({ label: `delete ${name}`, messages: encodeRequests([deleteLink(name)]) });
  return {
    host: endpoints.flatMap(({ hostInterface }) => (hostInterface === "" ? [] : deletion(hostInterface))),
    container: endpoints.flatMap(({ hostInterface, interfaceName }) =>
      hostInterface === "" && interfaceName !== undefined ? deletion(interfaceName) : [],
    ),
  };
}

async function freeInterfaceName(state: NetworkState, process: ProcessRef): Promise<string> {
  const taken = new Set(await state.host.interfaceNames(process));
  for (let number = 0; ; number++) {
    if (!taken.has(`eth${number}`)) return `eth${number}`;
  }
}
