/** host/observe: what /proc says of processes. */
import type { ProcessRef } from "../../isolation/spec.ts";

export interface Processes {
  /** undefined when there is no such process; startTime in ticks. */
  identify(pid: number): Promise<ProcessRef | undefined>;
  isAlive(ref: ProcessRef): Promise<boolean>;
  /** /proc/net/dev of the process: bytes, packets, errors, drops per interface (lo left out). */
  networkCounters(pid: number): Promise<Record<string, NetworkCounters>>;
  /** USER_HZ-based total of all CPUs in nanoseconds, and how many are online. */
  hostCpu(): Promise<{ total: number; online: number }>;
  hostMemory(): number;
}
export type NetworkCounters = {
  rx_bytes: number;
  rx_packets: number;
  rx_errors: number;
  rx_dropped: number;
  tx_bytes: number;
  tx_packets: number;
  tx_errors: number;
  tx_dropped: number;
};
