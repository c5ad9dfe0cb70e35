/** Networks as clients see them: list, inspect. */
import { type Filters, matchesLabels } from "../../wire/filters.ts";
import type { NetworkContainer, NetworkShown } from "../../wire/network.ts";
import { invalid } from "../errors.ts";
import { isPredefined, type NetworkRecord } from "./network.ts";
import { endpointsOn, findNetwork, type NetworkState, shownNetworks } from "./state.ts";

export const NETWORK_FILTERS = ["dangling", "driver", "id", "label", "name", "scope", "type"] as const;

/** @throws EngineError not-found */
export function inspectNetwork(state: NetworkState, ref: string): NetworkShown {
  const { record } = findNetwork(state, ref);
  const containers: Record<string, NetworkContainer> = {};
  for (const { container, endpoint } of endpointsOn(state, record.id)) {
    containers[container.id] = {
      Name: container.name,
      EndpointID: endpoint.endpointId,
      MacAddress: endpoint.mac,
      IPv4Address: endpoint.ipv4 && `${endpoint.ipv4}/${endpoint.prefixLength}`,
      IPv6Address: endpoint.ipv6 && `${endpoint.ipv6}/${endpoint.ipv6PrefixLength}`,
    };
  }
  return { ...shown(record), Containers: containers };
}

/** Newest first, as docker lists them by name on the client's side anyway. */
export function listNetworks(state: NetworkState, filters: Filters): NetworkShown[] {
  const wanted = filterBy(state, filters);
  return shownNetworks(state)
    .map(({ record }) => record)
    .filter(wanted)
    .map(shown);
}

function filterBy(state: NetworkState, filters: Filters): (record: NetworkRecord) => boolean {
  for (const type of filters.values("type"))
    if (type !== "custom" && type !== "builtin") throw invalid(`invalid filter: 'type'='${type}'`);
  const dangling = danglingWanted(filters);
  const any = (name: string, test: (value: string) => boolean) => !filters.has(name) || filters.values(name).some(test);
  return (record) =>
    any("driver", (driver) => driver === record.driver) &&
    any("id", (id) => record.id.startsWith(id)) &&
    any("name", (name) => record.name.includes(name)) &&
    any("scope", (scope) => scope === "local") &&
    any("type", (type) => (type === "builtin") === isPredefined(record)) &&
    matchesLabels(record.labels, filters.values("label")) &&
    (dangling === undefined || dangling === (!isPredefined(record) && endpointsOn(state, record.id).length === 0));
}

function danglingWanted(filters: Filters): boolean | undefined {
  if (!filters.has("dangling")) return undefined;
  const values = filters.values("dangling");
  const truth = values.map((value) =>
    ["1", "true"].includes(value) ? true : ["0", "false"].includes(value) ? false : undefined,
  );
  const [only] = truth;
  if (truth.length !== 1 || only === undefined)
    throw invalid(`invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`);
  return only;
}

function shown(record: NetworkRecord): NetworkShown {
  return {
    Name: record.name,
    Id: record.id,
    Created: record.created,
    Scope: "local",
    Driver: record.driver,
    EnableIPv4: record.enableIpv4,
    EnableIPv6: record.enableIpv6,
    IPAM: {
      Driver: record.ipamDriver,
      Options: record.ipamOptions,
      Config: record.subnets.map(({ subnet, ipRange, gateway, auxiliary }) => ({
        Subnet: subnet,
        ...(ipRange && { IPRange: ipRange }),
        ...(gateway && { Gateway: gateway }),
        ...(auxiliary && { AuxiliaryAddresses: auxiliary }),
      })),
    },
    Internal: record.internal,
    Attachable: record.attachable,
    Ingress: false,
    ConfigFrom: { Network: record.configFrom ?? "" },
    ConfigOnly: record.configOnly ?? false,
    Containers: {},
    Options: record.options,
    Labels: record.labels,
  };
}
