/** What networks ask of the embedded DNS server; body in host/net. */
import type { NamedAddress } from "./host-network.ts";
import type { NetworkRecord } from "./network.ts";

/** Egress policies, as the DNS server meets them. A client is known by the network it asks on and its address there. */
export type NameGovernor = {
  /** It must not learn of this name; that it asked is counted. */
  refuses(networkId: string, from: string, name: string): boolean;
  /** Resolves when these can be reached: only then the answer is sent. */
  opened(networkId: string, from: string, answer: { name: string; addresses: NamedAddress[] }): Promise<void>;
};

export interface NameServers {
  /** Serve the names of a network at its gateway. Again for a network that is served: nothing happens. */
  start(record: NetworkRecord): Promise<void>;
  stop(networkId: string): Promise<void>;
  /** Where the server of a network listens; undefined if it has none. */
  listening(networkId: string): { address: string; port: number } | undefined;
  /** Ask this of every name that is not a container's. */
  govern(by: NameGovernor): void;
  close(): Promise<void>;
}
