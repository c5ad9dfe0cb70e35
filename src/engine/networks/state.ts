/** What all verbs of this folder share: the networks by id, and what each started container has taken of them. */
import { type Address, parseAddress } from "../../kernel/cidr.ts";
import type { ContainerStore } from "../containers/container.ts";
import { EngineError, invalid, notFound } from "../errors.ts";
import type { EventBus } from "../events.ts";
import type { Clock, Endpoint } from "../ports.ts";
import { gatewayMode } from "./bring-up.ts";
import type { AddressPool } from "./choose-subnet.ts";
import { policiesOf } from "./egress.ts";
import type { EgressRule } from "./egress-policy.ts";
import type { FirewallNetwork, HeldPort, HostNetwork, PublishRule } from "./host-network.ts";
import type { NameServers } from "./name-servers.ts";
import { BRIDGE_OPTION, isOn, type Network, type NetworkRecord, type RecordTable } from "./network.ts";

export type NetworkDeps = {
  table: RecordTable<NetworkRecord>;
  host: HostNetwork;
  names: NameServers;
  store: ContainerStore;
  events: EventBus;
  clock: Pick<Clock, "now">;
  newId: () => string;
  /** The engine's --bridge ("none": no default network), --bip ("": choose), --ip ("": all), --icc, --mtu (0: docker's), address pools. */
  options: { bridge: string; bip: string; ip: string; icc: boolean; mtu: number; addressPools: AddressPool[] };
  log: (message: string) => void;
};

/** What a container holds from prepare until release. */
export type Reservation = {
  endpoints: Endpoint[];
  held: HeldPort[];
  rules: PublishRule[];
  /** Its connection was announced: so is its end. */
  active: boolean;
  /** What it may reach; absent: everything. */
  egress?: { name: string; rules: EgressRule[] };
};

export type NetworkState = NetworkDeps & {
  networks: Map<string, Network>;
  reservations: Map<string, Reservation>;
  /** Names that policies refused, by the policy's key: how often each was asked for. */
  refusedNames: Map<string, Map<string, number>>;
};

/**
 * By full id, name, or unique id prefix.
 * @throws EngineError not-found "network X not found", or invalid when a prefix fits several
 */
export function findNetwork(state: Pick<NetworkState, "networks">, ref: string): Network {
  const all = shownNetworks(state);
  const exact = all.find(({ record }) => record.id === ref) ?? all.find(({ record }) => record.name === ref);
  if (exact) return exact;
  const byPrefix = /^[0-9a-f]{1,64}$/.test(ref) ? all.filter(({ record }) => record.id.startsWith(ref)) : [];
  if (byPrefix.length > 1)
    throw invalid(`network ${ref} is ambiguous (${byPrefix.length} matches found based on ID prefix)`);
  const [only] = byPrefix;
  if (!only) throw notFound(`network ${ref} not found`);
  return only;
}

/** All but the engine's own. */
export function shownNetworks(state: Pick<NetworkState, "networks">): Network[] {
  return [...state.networks.values()].filter(({ record }) => !record.hidden);
}

/** The endpoints on a network, each with its container. */
export function endpointsOn(
  state: NetworkState,
  networkId: string,
): { container: { id: string; name: string }; endpoint: Endpoint }[] {
  return state.store
    .all()
    .flatMap(({ record }) =>
      record.endpoints
        .filter((endpoint) => endpoint.networkId === networkId)
        .map((endpoint) => ({ container: { id: record.id, name: record.name }, endpoint })),
    );
}

/** Tell the firewall of all networks that have a bridge. */
export async function writeFirewall(state: NetworkState): Promise<void> {
  await state.host.firewall.setNetworks(
    [...state.networks.values()]
      .filter(({ record }) => record.bridge !== "")
      .map((network) => firewallNetwork(state, network)),
    policiesOf(state),
  );
}

function firewallNetwork(state: NetworkState, { record }: Network): FirewallNetwork {
  return {
    name: record.name,
    bridge: record.bridge,
    subnets: record.subnets.map(({ subnet }) => subnet),
    internal: record.internal,
    masquerade: isOn(record, BRIDGE_OPTION.masquerade),
    icc: isOn(record, BRIDGE_OPTION.icc),
    guarded: record.hidden ?? false,
    gateway: { 4: gatewayMode(record, 4), 6: gatewayMode(record, 6) },
    dns: state.names.listening(record.id),
  };
}

/** What a running container holds. */
export function reservationOf(state: Pick<NetworkState, "reservations">, containerId: string): Reservation {
  const known = state.reservations.get(containerId);
  if (known) return known;
  const fresh: Reservation = { endpoints: [], held: [], rules: [], active: true };
  state.reservations.set(containerId, fresh);
  return fresh;
}

/** Give addresses back to their pools. */
export function freeAddresses(state: NetworkState, endpoint: Endpoint): void {
  const pools = state.networks.get(endpoint.networkId)?.pools ?? [];
  for (const text of [endpoint.ipv4, endpoint.ipv6]) {
    const address = text === "" ? undefined : parseAddress(text);
    if (address) pools.find((pool) => pool.subnet.family === address.family)?.free(address);
  }
}

/** @throws EngineError invalid if the text is no address of that family */
export function wantedAddress(text: string | undefined, family: 4 | 6): Address | undefined {
  if (text === undefined || text === "") return undefined;
  const address = parseAddress(text);
  if (address?.family !== family)
    throw new EngineError("invalid", `invalid endpoint settings:\ninvalid IPv${family} address: ${text}`);
  return address;
}

export function networkEvent(
  state: Pick<NetworkState, "events">,
  action: "create" | "connect" | "disconnect" | "destroy",
  record: NetworkRecord,
  attributes: Record<string, string> = {},
): void {
  state.events.publish({
    Type: "network",
    Action: action,
    Actor: { ID: record.id, Attributes: { ...attributes, name: record.name, type: record.driver } },
  });
}
