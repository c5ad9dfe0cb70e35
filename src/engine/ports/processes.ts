/** host/observe: what /proc says of processes. */
import type { ProcessRef } from "../../isolation/spec.ts";
import type { PressureView } from "../../wire/glass.ts";

export interface Processes {
  /** undefined when there is no such process; startTime in ticks. */
  identify(pid: number): Promise<ProcessRef | undefined>;
  isAlive(ref: ProcessRef): Promise<boolean>;
}

/** host/observe: the host as a whole, and what is counted per network namespace. Each call blocks for some 20 to 100 µs. */
export interface HostMeter {
  now(): HostReading;
  cpu(): HostCpu;
  /** The host's own interfaces, counters as the host counts them; the same objects as before where nothing has moved. */
  interfaces(): Record<string, NetworkCounters>;
  /** /proc/net/dev of a process: bytes, packets, errors, drops per interface (lo left out); none when it is gone. */
  networkCounters(pid: number): Record<string, NetworkCounters>;
  /** bytes */
  memory(): number;
}
/** USER_HZ-based, of all CPUs together, in nanoseconds; idle: waiting for disks counts as such. */
export type HostCpu = { total: number; idle: number; online: number };
export type HostReading = {
  cpu: HostCpu;
  /** bytes */
  memory: { total: number; available: number };
  /** over 1, 5 and 15 minutes */
  load: [number, number, number];
  pressure?: { cpu?: PressureView; memory?: PressureView; io?: PressureView };
};
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
