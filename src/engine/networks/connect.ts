/** POST /networks/{id}/connect and /disconnect, of containers that run and of those that do not. */
import type { ProcessRef } from "../../isolation/spec.ts";
import { encodeRequests } from "../../kernel/netlink.ts";
import { deleteLink } from "../../kernel/netlink-link.ts";
import { undoStack } from "../../lib/undo.ts";
import type { EndpointSettings } from "../../wire/container.ts";
import type { NetworkConnect, NetworkDisconnect } from "../../wire/network.ts";
import type { Container } from "../containers/container.ts";
import { conflict, EngineError, internal, invalid } from "../errors.ts";
import { planEndpoint } from "./connector.ts";
import { makeEndpoint } from "./endpoint.ts";
import { containerMessages, dnsRoute, hostMessages } from "./endpoint-plan.ts";
import { isDefaultBridge, type Network, type NetworkRecord } from "./network.ts";
import { findNetwork, freeAddresses, type NetworkState, networkEvent } from "./state.ts";

/** @throws EngineError with docker's texts */
export async function connectContainer(state: NetworkState, ref: string, request: NetworkConnect): Promise<void> {
  const network = findNetwork(state, ref);
  const container = state.store.find(request.Container);
  await container.exclusive(async () => {
    const { record } = container;
    refuseConnect(network.record, container, request.EndpointConfig);
    const { process } = record.state;
    if (process) await connectLive(state, { network, container, process, settings: request.EndpointConfig });
    record.networking[network.record.name] = { ...request.EndpointConfig, NetworkID: network.record.id };
    state.store.save(container);
  });
}

/** @throws EngineError "container X is not connected to network Y" */
export async function disconnectContainer(state: NetworkState, ref: string, request: NetworkDisconnect): Promise<void> {
  const network = findNetwork(state, ref);
  const container = state.store.find(request.Container);
  await container.exclusive(async () => {
    const { record } = container;
    const name = nameIn(record.networking, network.record);
    const endpoint = record.endpoints.find(({ networkId }) => networkId === network.record.id);
    if (network.record.driver === "host")
      throw invalid("container cannot be disconnected from host network or connected to host network");
    if (name === undefined && endpoint === undefined)
      throw internal(`container ${record.id} is not connected to network ${network.record.name}`);
    if (endpoint) await disconnectLive(state, container, network);
    if (name !== undefined) delete record.networking[name];
    state.store.save(container);
  });
}

function refuseConnect(network: NetworkRecord, { record }: Container, settings: EndpointSettings): void {
  if (isDefaultBridge(network) && (settings.Aliases?.length ?? 0) > 0)
    throw invalid("network-scoped alias is supported only for containers in user defined networks");
  if (isDefaultBridge(network) && (settings.IPAMConfig?.IPv4Address || settings.IPAMConfig?.IPv6Address))
    throw invalid("user specified IP address is supported on user defined networks only");
  if (record.hostConfig.NetworkMode === "host" || network.driver === "host")
    throw invalid("container cannot be disconnected from host network or connected to host network");
  if (record.hostConfig.NetworkMode.startsWith("container:"))
    throw invalid(
      "container sharing network namespace with another container or host cannot be connected to any other network",
    );
  if (record.hostConfig.NetworkMode === "none" || network.driver === "null")
    throw invalid("container cannot be connected to multiple networks with one of the networks in private (none) mode");
  if (record.state.status === "removing" || record.state.status === "dead")
    throw conflict(`container is marked for removal and cannot be connected to a network: ${record.id}`);
  const isConnected = record.endpoints.some(({ networkId }) => networkId === network.id);
  if (isConnected || nameIn(record.networking, network) !== undefined)
    throw new EngineError("forbidden", `endpoint with name ${record.name} already exists in network ${network.name}`);
}

type LiveConnect = { network: Network; container: Container; process: ProcessRef; settings: EndpointSettings };

async function connectLive(state: NetworkState, { network, container, process, settings }: LiveConnect): Promise<void> {
  const { record } = container;
  const reservation = state.reservations.get(record.id) ?? { endpoints: [], held: [], rules: [], active: true };
  state.reservations.set(record.id, reservation);
  await using undo = undoStack((error) => state.log(`undo of network connect: ${error}`));
  const endpoint = makeEndpoint(state, network, {
    containerId: record.id,
    name: record.name,
    hostname: record.config.Hostname,
    aliases: isDefaultBridge(network.record) ? [] : (settings.Aliases ?? []),
    ipv4: settings.IPAMConfig?.IPv4Address,
    ipv6: settings.IPAMConfig?.IPv6Address,
    mac: settings.MacAddress,
  });
  undo.add(() => freeAddresses(state, endpoint));
  const plan = planEndpoint(network, endpoint, await freeInterfaceName(state, process));
  plan.isGateway = !network.record.internal && !record.endpoints.some(({ gateway }) => gateway !== "");
  const hasDns = record.endpoints.some(({ networkId }) => state.names.listening(networkId));
  const needsDns = !hasDns && endpoint.ipv4 !== "" && state.names.listening(network.record.id);
  undo.add(() => state.host.apply(process, { host: [deleteMessages(endpoint.hostInterface)], container: [] }));
  await state.host.apply(process, {
    host: [hostMessages(plan, { pid: process.pid })],
    container: [containerMessages(plan), ...(needsDns ? [dnsRoute(plan, { first: true })] : [])],
  });
  reservation.endpoints.push(endpoint);
  record.endpoints.push(endpoint);
  undo.keep();
  networkEvent(state, "connect", network.record, { container: record.id });
}

async function disconnectLive(state: NetworkState, { record }: Container, network: Network): Promise<void> {
  const endpoint = record.endpoints.find(({ networkId }) => networkId === network.record.id);
  const { process } = record.state;
  if (endpoint === undefined) return;
  if (process) await state.host.apply(process, { host: [deleteMessages(endpoint.hostInterface)], container: [] });
  record.endpoints = record.endpoints.filter((other) => other !== endpoint);
  const reservation = state.reservations.get(record.id);
  if (reservation) {
    reservation.endpoints = reservation.endpoints.filter(({ endpointId }) => endpointId !== endpoint.endpointId);
    await unpublish(state, reservation, endpoint.ipv4);
    if (reservation.rules.length === 0) record.ports = [];
  }
  freeAddresses(state, endpoint);
  networkEvent(state, "disconnect", network.record, { container: record.id });
}

/** The ports that led to this address. */
async function unpublish(
  state: NetworkState,
  reservation: NonNullable<ReturnType<NetworkState["reservations"]["get"]>>,
  target: string,
): Promise<void> {
  if (!reservation.rules.some((rule) => rule.target === target)) return;
  const gone = reservation.rules;
  reservation.rules = [];
  await state.host.firewall.unpublish(gone);
  await Promise.all(reservation.held.splice(0).map((port) => port.close()));
}

function deleteMessages(hostInterface: string): { label: string; messages: Uint8Array } {
  return { label: `delete ${hostInterface}`, messages: encodeRequests([deleteLink(hostInterface)]) };
}

async function freeInterfaceName(state: NetworkState, process: ProcessRef): Promise<string> {
  const taken = new Set(await state.host.interfaceNames(process));
  for (let number = 0; ; number++) {
    if (!taken.has(`eth${number}`)) return `eth${number}`;
  }
}

/** Requests may name a network by its name or its id. */
function nameIn(networking: Record<string, EndpointSettings>, network: NetworkRecord): string | undefined {
  return Object.keys(networking).find(
    (name) => name === network.name || name === network.id || network.id === networking[name]?.NetworkID,
  );
}
