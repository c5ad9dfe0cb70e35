/** What a start asks of engine/networks, which has its own port in networks/host-network.ts. */
import type { NetworkSpec, ProcessRef } from "../../isolation/spec.ts";

export type EndpointRequest = {
  containerId: string;
  /** container's short name for DNS */
  name: string;
  hostname: string;
  aliases: string[];
  ipv4?: string;
  ipv6?: string;
  mac?: string;
  /** The container's egress policy, as written; the same in all of its requests. */
  egress?: string;
  /** Which of several networks gives the default route: the highest. */
  gwPriority?: number;
};
/** What a started container has on one network; kept in its record, shown by inspect. */
export type Endpoint = {
  networkId: string;
  networkName: string;
  endpointId: string;
  ipv4: string;
  prefixLength: number;
  gateway: string;
  ipv6: string;
  ipv6PrefixLength: number;
  ipv6Gateway: string;
  mac: string;
  aliases: string[];
  dnsNames: string[];
  /** The host's side of the pair; "" for macvlan and ipvlan, which have none. */
  hostInterface: string;
  /** The container's side: eth0 …, and its number there. Absent on host, none, and in records of older engines. */
  interfaceName?: string;
  interfaceIndex?: number;
  /** The network has no way out: no default route, no names of others. */
  internal?: true;
  /** The engine's own way to its DNS server: clients are not shown it. */
  hidden?: true;
};
export type PublishedPort = { proto: "tcp" | "udp" | "sctp"; containerPort: number; hostIp: string; hostPort: number };

/** Owned by engine/networks; used by containers/start and on-exit. */
export interface Connector {
  /**
   * Allocate addresses on each network and choose host ports (0 = pick one); returns what the plan needs. Nothing in
   * the kernel is changed yet but reservations; `release` undoes all, at any time, idempotent.
   */
  prepare(request: {
    endpoints: (EndpointRequest & { network: string })[];
    ports: {
      proto: "tcp" | "udp" | "sctp";
      containerPort: number;
      hostIp: string;
      hostPort: number | [number, number];
    }[];
  }): Promise<{ endpoints: Endpoint[]; ports: PublishedPort[]; spec: NetworkSpec }>;
  /** After the process has started: nft rules of the published ports, DNS names. */
  activate(containerId: string, process: ProcessRef, endpoints: Endpoint[], ports: PublishedPort[]): Promise<void>;
  release(containerId: string): Promise<void>;
}
