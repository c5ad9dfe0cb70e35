/** A network as the engine keeps it, and what of it lives only while the engine does. */
import type { Pool } from "./pool.ts";

export type NetworkDriver = "bridge" | "host" | "null";

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
  /** The bridge's interface; "" for host and none. */
  bridge: string;
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
  /** The bridge's interface number; 0 for host and none. */
  bridgeIndex: number;
};

export const BRIDGE_OPTION = {
  name: "com.docker.network.bridge.name",
  default: "com.docker.network.bridge.default_bridge",
  icc: "com.docker.network.bridge.enable_icc",
  masquerade: "com.docker.network.bridge.enable_ip_masquerade",
  hostBinding: "com.docker.network.bridge.host_binding_ipv4",
  mtu: "com.docker.network.driver.mtu",
} as const;

export const DEFAULT_MTU = 1500;

/** The three that docker always has: they are neither removed nor pruned. */
export function isPredefined(record: NetworkRecord): boolean {
  return record.driver !== "bridge" || isDefaultBridge(record);
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
