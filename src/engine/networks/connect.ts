/** POST /networks/{id}/connect and /disconnect, of containers that run and of those that do not. */
import type { EndpointSettings } from "../../wire/container.ts";
import type { NetworkConnect, NetworkDisconnect } from "../../wire/network.ts";
import type { Container } from "../containers/container.ts";
import { conflict, EngineError, internal, invalid } from "../errors.ts";
import { connectLive, disconnectLive } from "./connect-live.ts";
import { isDefaultBridge, type NetworkRecord } from "./network.ts";
import { findNetwork, type NetworkState } from "./state.ts";

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
    if (endpoint) await disconnectLive(state, { container, network, endpoint });
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

/** Requests may name a network by its name or its id. */
function nameIn(networking: Record<string, EndpointSettings>, network: NetworkRecord): string | undefined {
  return Object.keys(networking).find(
    (name) => name === network.name || name === network.id || network.id === networking[name]?.NetworkID,
  );
}
