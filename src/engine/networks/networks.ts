/** The engine's networks: what the API, containers and the composition root ask of them. */
import type { Filters } from "../../wire/filters.ts";
import type { NetworkConnect, NetworkCreate, NetworkDisconnect, NetworkShown } from "../../wire/network.ts";
import { egressOf } from "../containers/egress-request.ts";
import type { Connector } from "../ports.ts";
import { bringUp, takeDown } from "./bring-up.ts";
import { connectContainer, disconnectContainer } from "./connect.ts";
import { createConnector, restoreReservation } from "./connector.ts";
import { createNetwork } from "./create.ts";
import { withDefaults } from "./defaults.ts";
import { settleDnsLink } from "./dns-link.ts";
import { type EgressShown, nameGovernor, reportEgress } from "./egress.ts";
import { EGRESS, parseEgress } from "./egress-policy.ts";
import { DNS_ADDRESS } from "./endpoint-plan.ts";
import { isDefaultBridge, isVlan, type NetworkRecord } from "./network.ts";
import { createPool } from "./pool.ts";
import { pruneNetworks, removeNetwork } from "./remove.ts";
import { prioritiesIn } from "./routing.ts";
import { inspectNetwork, listNetworks } from "./show.ts";
import {
  findNetwork,
  type NetworkDeps,
  type NetworkState,
  reservationOf,
  shownNetworks,
  writeFirewall,
} from "./state.ts";

export interface Networks {
  list(filters: Filters): NetworkShown[];
  inspect(ref: string): NetworkShown;
  create(request: NetworkCreate): Promise<{ Id: string; Warning: string }>;
  remove(ref: string): Promise<void>;
  prune(filters: Filters): Promise<{ NetworksDeleted: string[] }>;
  connect(ref: string, request: NetworkConnect): Promise<void>;
  disconnect(ref: string, request: NetworkDisconnect): Promise<void>;
  /** Throws not-found "network X not found". */
  find(ref: string): NetworkRecord;
  /** The default bridge's own address, what host-gateway stands for; "" with --bridge none. */
  hostGateway(): string;
  /** The name server for a container on these networks (ids): 127.0.0.11, or undefined for the host's own. */
  nameServer(networkIds: string[]): string | undefined;
  /** Egress policies in force. @param ref a container or network; "" for all. Throws not-found. */
  egress(ref: string): Promise<EgressShown[]>;
  /** For `system df`-like counts and info. */
  count(): number;
  records(): NetworkRecord[];
  /** Write all firewall rules anew: what nobody owns is gone then. */
  rewriteRules(): Promise<void>;
  /** Stop watching and serving; without running containers, also take bridges and rules off the host. */
  close(): Promise<void>;
}

/**
 * Load the networks, make their bridges and rules, take the running containers' addresses and ports again.
 * @throws EngineError when the default bridge cannot be made; networks that users made only log it
 */
export async function createNetworks(deps: NetworkDeps): Promise<Networks & Connector> {
  const state: NetworkState = { ...deps, networks: new Map(), reservations: new Map(), refusedNames: new Map() };
  deps.names.govern(nameGovernor(state));
  for (const record of await withDefaults(deps)) {
    try {
      await bringUp(state, record);
    } catch (error) {
      if (isDefaultBridge(record)) throw error;
      // Its parent may come back, when the cable does: each start of a container looks for it.
      if (isVlan(record))
        state.networks.set(record.id, { record, pools: record.subnets.map(createPool), linkIndex: 0 });
      deps.log(`network ${record.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  await settleDnsLink(state).catch((error: Error) => deps.log(`the bridge to the DNS server: ${error.message}`));
  await restore(state);
  return {
    ...createConnector(state),
    list: (filters) => listNetworks(state, filters),
    inspect: (ref) => inspectNetwork(state, ref),
    create: (request) => createNetwork(state, request),
    remove: (ref) => removeNetwork(state, ref),
    prune: (filters) => pruneNetworks(state, filters),
    connect: (ref, request) => connectContainer(state, ref, request),
    disconnect: (ref, request) => disconnectContainer(state, ref, request),
    find: (ref) => findNetwork(state, ref).record,
    hostGateway: () =>
      [...state.networks.values()].find(({ record }) => isDefaultBridge(record))?.record.subnets[0]?.gateway ?? "",
    nameServer: (ids) => (ids.some((id) => state.names.listening(id)) ? DNS_ADDRESS : undefined),
    egress: (ref) => reportEgress(state, ref),
    count: () => shownNetworks(state).length,
    records: () => [...state.networks.values()].map(({ record }) => record),
    rewriteRules: () => writeFirewall(state),
    close: () => close(state),
  };
}

/** One write of all rules: those of the networks and of every port that was published before. */
async function restore(state: NetworkState): Promise<void> {
  for (const { record } of state.store.all()) {
    if (record.state.process === undefined || record.endpoints.length === 0) continue;
    await restoreReservation(state, record, prioritiesIn(record.networking));
    const text = egressOf(record);
    if (text !== undefined)
      reservationOf(state, record.id).egress = { name: record.name, rules: parseEgress(text, EGRESS) };
  }
  const rules = [...state.reservations.values()].flatMap((reservation) => reservation.rules);
  if ([...state.networks.values()].every(({ record }) => record.bridge === "")) return;
  try {
    await writeFirewall(state);
    if (rules.length > 0) await state.host.firewall.publish(rules);
  } catch (error) {
    // Containers without a way out are better than no engine: they can be listed, stopped and removed.
    const why = error instanceof Error ? error.message : error;
    state.log(`no firewall rules (${why}): containers do not reach other hosts, ports cannot be published`);
  }
}

async function close(state: NetworkState): Promise<void> {
  const inUse = state.store.all().some(({ record }) => record.state.process && record.endpoints.length > 0);
  await state.names.close();
  for (const { held } of state.reservations.values()) await Promise.all(held.map((port) => port.close()));
  await state.host.firewall.close({ remove: !inUse });
  if (inUse) return;
  for (const { record } of [...state.networks.values()]) await takeDown(state, record);
}
