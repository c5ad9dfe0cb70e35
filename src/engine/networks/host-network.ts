/** What the engine's networks ask of the host; bodies in host/net. */

import type { NetworkSpec, ProcessRef } from "../../isolation/spec.ts";
import type { Subnet } from "../../kernel/cidr.ts";
import type { PublishedPort } from "../ports.ts";
import type { GatewayMode } from "./bring-up.ts";
import type { EgressRule } from "./egress-policy.ts";

export type BridgeSettings = {
  name: string;
  /** "172.18.0.1/16" … */
  addresses: string[];
  mtu: number;
  /** false: packets between this bridge and other links are not routed. */
  forward: boolean;
};

export type FirewallNetwork = {
  name: string;
  bridge: string;
  /** "172.18.0.0/16" … */
  subnets: string[];
  internal: boolean;
  masquerade: boolean;
  /** Containers of it may talk to each other. */
  icc: boolean;
  /** The engine's own bridge to its DNS server: nothing else of the host is reached by it. */
  guarded: boolean;
  /** How addresses get out, and published ports in. */
  gateway: { 4: GatewayMode; 6: GatewayMode };
  /** Where its DNS server listens; queries to 127.0.0.11:53 that come in by the bridge are sent there. */
  dns?: { address: string; port: number };
};

/** One published port and where it leads; target "" when the container has no address of that family. */
export type PublishRule = PublishedPort & {
  target: string;
  /** No port of the host is taken: the container's own address answers (gateway mode routed). */
  routed?: true;
};

/** What may be reached from a container or a network; everything else is refused and counted. */
export type EgressPolicy = {
  /** the first digits of the owner's id: names chains and sets */
  key: string;
  owner: { kind: "container" | "network"; id: string; name: string };
  rules: EgressRule[];
  /** A container's interfaces. */
  sources: { bridge: string; hostInterface: string; mac: string; ipv4: string; ipv6: string }[];
  /** A network's bridge. */
  bridges: string[];
};

/** A name's address, good for so many seconds. */
export type NamedAddress = { address: string; seconds: number };

export type EgressReport = {
  key: string;
  rules: { packets: number; bytes: number; open: NamedAddress[] }[];
  refused: { packets: number; bytes: number };
};

export interface Firewall {
  /** Write all rules anew in one transaction; what policies have counted and opened stays. */
  setNetworks(networks: FirewallNetwork[], egress: EgressPolicy[]): Promise<void>;
  publish(rules: PublishRule[]): Promise<void>;
  unpublish(rules: PublishRule[]): Promise<void>;
  /** Resolves when the addresses of a rule's name can be reached. */
  open(key: string, rule: number, addresses: NamedAddress[]): Promise<void>;
  reportEgress(): Promise<EgressReport[]>;
  /** Stop watching; remove: take the rules away too. */
  close(options: { remove: boolean }): Promise<void>;
}

/** A host port held for a container; connections that no rule redirects (IPv6 to an IPv4 container) are carried to it. */
export type HeldPort = { close(): Promise<void> };

export interface HostNetwork {
  /** Subnets of the host's addresses and routes, default routes left out. */
  usedSubnets(): Promise<Subnet[]>;
  /** Make the bridge if it is missing, else give it the addresses. @returns its interface number */
  ensureBridge(settings: BridgeSettings): Promise<number>;
  /** A bridge or a parent; one that is gone already is no error. */
  removeLink(name: string): Promise<void>;
  hasLink(name: string): Promise<boolean>;
  /**
   * The parent of macvlan and ipvlan interfaces; when it is missing, a link without a way out is made for a name that
   * begins with dm-, a VLAN interface for eth0.10.
   * @returns its interface number
   * @throws EngineError invalid, in docker's words
   */
  ensureParent(name: string): Promise<number>;
  firewall: Firewall;
  /**
   * Bind a host port, so that nobody else takes it, and carry what arrives there to the target.
   * @throws Error with code EADDRINUSE, EADDRNOTAVAIL … as bind(2) says
   */
  holdPort(port: PublishedPort, target: { address: string; port: number }): Promise<HeldPort>;
  /** [first, last] of the ports the kernel gives out by itself. */
  ephemeralPorts(): Promise<[number, number]>;
  /** Carry messages out for a running process: `host` in the host's network namespace, `container` in its own. */
  apply(process: ProcessRef, spec: NetworkSpec): Promise<void>;
  /** Does a process' interface exist, and under which name? Names in use in its network namespace. */
  interfaceNames(process: ProcessRef): Promise<string[]>;
}
