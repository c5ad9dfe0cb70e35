/** From a record to a network that containers can join: pools in memory, a bridge on the host, a DNS server. */
import type { Network, NetworkRecord } from "./network.ts";
import { isDefaultBridge, mtuOf } from "./network.ts";
import { createPool } from "./pool.ts";
import type { NetworkState } from "./state.ts";

/** @returns the network, which is in `state.networks` from now on; its firewall rules are the caller's */
export async function bringUp(state: NetworkState, record: NetworkRecord): Promise<Network> {
  const network: Network = { record, pools: record.subnets.map(createPool), bridgeIndex: 0 };
  if (record.driver === "bridge") {
    network.bridgeIndex = await state.host.ensureBridge({
      name: record.bridge,
      addresses: record.subnets.map(({ subnet, gateway }) => `${gateway}/${subnet.split("/")[1]}`),
      mtu: mtuOf(record),
      forward: !record.internal,
    });
    if (!isDefaultBridge(record) && record.enableIpv4) await state.names.start(record);
  }
  state.networks.set(record.id, network);
  return network;
}

/** Undo it: nothing of the network is left on the host but its firewall rules, which are the caller's. */
export async function takeDown(state: NetworkState, record: NetworkRecord): Promise<void> {
  state.networks.delete(record.id);
  if (record.driver !== "bridge") return;
  await state.names.stop(record.id);
  await state.host.removeBridge(record.bridge);
}
