/** A network as the engine keeps it, and what of it lives only while the engine does. */
import type { Pool } from "./pool.ts";

export type NetworkDriver = "bridge" | "macvlan" | "ipvlan" | "host" | "null";

/** One subnet of a network; addresses as text, as docker shows them. */
export type SubnetConfig = {
  subnet: string;
  /** Addresses are taken from this part of the subnet only. */
  ipRange?: string;
  gateway: string;
  /** Addresses that are never given out, by a name that only people read. */
  auxiliary?: Record<string, string>;
};

/** Stored as it is (JSON). */
export type NetworkRecord = {
  id: string;
  name: string;
  created: string;
  driver: NetworkDriver;
  enableIpv4: boolean;
  enableIpv6: boolean;
  /** No way out, no published ports, no names of others. */
  internal: boolean;
  attachable: boolean;
  ipamDriver: string;
  ipamOptions: Record<string, string> | null;
  /** IPv4 first. */
  subnets: SubnetConfig[];
  options: Record<string, string>;
  labels: Record<string, string>;
  /** The bridge's interface; "" for all but bridge networks. */
  bridge: string;
  /** macvlan and ipvlan: the host's interface below the containers'. */
  parent?: string;
  /** The parent was made for this network, and goes with it: dm-… or eth0.10. */
  madeParent?: boolean;
  /** Only a template for others (--config-only): no container is ever on it. */
  configOnly?: boolean;
  /** The template that this one was made from (--config-from), by name. */
  configFrom?: string;
  /** The engine's own, of which clients hear nothing: how containers without a bridge reach its DNS (decision 0040). */
  hidden?: boolean;
};

/** Where records are kept (host/net/record-table.ts). */
export type RecordTable<T> = {
  all(): T[];
  put(key: string, record: T): void;
  remove(key: string): void;
};

export type Network = {
  record: NetworkRecord;
  pools: Pool[];
  /** The interface number of the bridge, or of the parent of macvlan and ipvlan; 0 for host and none. */
  linkIndex: number;
};

export const BRIDGE_OPTION = {
  name: "com.docker.network.bridge.name",
  default: "com.docker.network.bridge.default_bridge",
  icc: "com.docker.network.bridge.enable_icc",
  masquerade: "com.docker.network.bridge.enable_ip_masquerade",
  hostBinding: "com.docker.network.bridge.host_binding_ipv4",
  mtu: "com.docker.network.driver.mtu",
  gatewayMode4: "com.docker.network.bridge.gateway_mode_ipv4",
  gatewayMode6: "com.docker.network.bridge.gateway_mode_ipv6",
} as const;

export const DEFAULT_MTU = 1500;

/** The three that docker always has: they are neither removed nor pruned. */
export function isPredefined(record: NetworkRecord): boolean {
  return record.configOnly !== true && (["host", "null"].includes(record.driver) || isDefaultBridge(record));
}

/** Containers get an interface of their own on it. */
export function hasInterfaces(record: NetworkRecord): boolean {
  return record.driver === "bridge" || isVlan(record);
}

/** macvlan or ipvlan: containers stand beside the host on one of its links, and none of its bridges or rules sees them. */
export function isVlan(record: Pick<NetworkRecord, "driver">): boolean {
  return record.driver === "macvlan" || record.driver === "ipvlan";
}

/** The network of containers that name none: without DNS names, aliases and chosen addresses, as in docker. */
export function isDefaultBridge(record: NetworkRecord): boolean {
  return record.options[BRIDGE_OPTION.default] === "true";
}

export function mtuOf(record: NetworkRecord): number {
  return Number(record.options[BRIDGE_OPTION.mtu] ?? DEFAULT_MTU) || DEFAULT_MTU;
}

/** Options are "true" unless they say otherwise, as strconv.ParseBool reads them. */
export function isOn(record: NetworkRecord, option: string): boolean {
  return !["0", "f", "F", "false", "FALSE", "False"].includes(record.options[option] ?? "true");
}
