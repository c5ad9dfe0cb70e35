/** What networks ask of the embedded DNS server; body in host/net. */
import type { NetworkRecord } from "./network.ts";

export interface NameServers {
  /** Serve the names of a network at its gateway. Again for a network that is served: nothing happens. */
  start(record: NetworkRecord): Promise<void>;
  stop(networkId: string): Promise<void>;
  /** Where the server of a network listens; undefined if it has none. */
  listening(networkId: string): { address: string; port: number } | undefined;
  close(): Promise<void>;
}
