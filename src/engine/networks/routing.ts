/** Which of a container's networks gives its default routes, and takes its published ports. Pure but for the networks' records. */
import type { EndpointSettings } from "../../wire/container.ts";
import type { Endpoint } from "../ports.ts";
import { hasInterfaces } from "./network.ts";
import type { NetworkState } from "./state.ts";

export type Gateways = { 4?: Endpoint; 6?: Endpoint };
/** What was asked of each network, by its name or id. */
export type Priorities = (endpoint: Pick<Endpoint, "networkName" | "networkId">) => number;

/** @param networking as a container's record has it */
export function prioritiesIn(networking: Record<string, EndpointSettings>): Priorities {
  return ({ networkName, networkId }) => (networking[networkName] ?? networking[networkId])?.GwPriority ?? 0;
}

/** The network with the highest priority that leads out; among equals the first by name, as docker has it. */
export function gatewaysOf(
  state: Pick<NetworkState, "networks">,
  endpoints: Endpoint[],
  priority: Priorities,
): Gateways {
  const leading = endpoints
    .filter(({ networkId }) => {
      const record = state.networks.get(networkId)?.record;
      return record !== undefined && hasInterfaces(record) && !record.internal;
    })
    .sort((a, b) => priority(b) - priority(a) || compare(a.networkName, b.networkName));
  const four = leading.find(({ ipv4 }) => ipv4 !== "");
  const six = leading.find(({ ipv6 }) => ipv6 !== "");
  return { ...(four && { 4: four }), ...(six && { 6: six }) };
}

/** Where published ports lead. */
export function portsBy(gateways: Gateways): Endpoint | undefined {
  return gateways[4] ?? gateways[6];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
