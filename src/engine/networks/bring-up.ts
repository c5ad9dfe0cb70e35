/** From a record to a network that containers can join: pools in memory, a bridge or parent on the host, a DNS server. */
import type { Network, NetworkRecord } from "./network.ts";
import { BRIDGE_OPTION, isDefaultBridge, isVlan, mtuOf } from "./network.ts";
import { createPool } from "./pool.ts";
import type { NetworkState } from "./state.ts";

/** @returns the network, which is in `state.networks` from now on; its firewall rules are the caller's */
export async function bringUp(state: NetworkState, record: NetworkRecord): Promise<Network> {
  const network: Network = { record, pools: record.configOnly ? [] : record.subnets.map(createPool), linkIndex: 0 };
  if (record.driver === "bridge") {
    network.linkIndex = await state.host.ensureBridge({
      name: record.bridge,
      addresses: record.subnets
        .filter(({ subnet }) => !isGatewayless(record, subnet))
        .map(({ subnet, gateway }) => `${gateway}/${subnet.split("/")[1]}`),
      mtu: mtuOf(record),
      forward: !record.internal,
    });
    if (!isDefaultBridge(record) && record.enableIpv4 && gatewayMode(record, 4) !== "isolated")
      await state.names.start(record);
  }
  if (isVlan(record) && record.parent) network.linkIndex = await state.host.ensureParent(record.parent);
  state.networks.set(record.id, network);
  return network;
}

/** Undo it: nothing of the network is left on the host but its firewall rules, which are the caller's. */
export async function takeDown(state: NetworkState, record: NetworkRecord): Promise<void> {
  state.networks.delete(record.id);
  if (record.driver === "bridge") {
    await state.names.stop(record.id);
    await state.host.removeLink(record.bridge);
  }
  const isShared = [...state.networks.values()].some((other) => other.record.parent === record.parent);
  if (record.parent && record.madeParent && !isShared) await state.host.removeLink(record.parent);
}

export type GatewayMode = "nat" | "nat-unprotected" | "routed" | "isolated";

/** How the host stands between a bridge and the rest (docker 27): it translates addresses, routes them, or is not there. */
export function gatewayMode(record: Pick<NetworkRecord, "options">, family: 4 | 6): GatewayMode {
  const asked = record.options[family === 4 ? BRIDGE_OPTION.gatewayMode4 : BRIDGE_OPTION.gatewayMode6];
  return (asked || "nat") as GatewayMode;
}

/** In mode isolated, the host itself has no address on the bridge. */
function isGatewayless(record: NetworkRecord, subnet: string): boolean {
  return gatewayMode(record, subnet.includes(":") ? 6 : 4) === "isolated";
}
