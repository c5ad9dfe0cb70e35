/**
 * What is told of each container that runs: cAdvisor's names where it has them, so that the dashboards of others work. Pure.
 * https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
 */
import type { PressureView } from "../../wire/glass.ts";
import type { Reading } from "../sampling/to-sample.ts";

export type ContainerMetric = {
  name: string;
  help: string;
  type: "counter" | "gauge";
  /** undefined: this host does not count it, or there is no limit */
  read(reading: Reading): number | undefined;
};

const counter = (name: string, help: string, read: ContainerMetric["read"]): ContainerMetric => ({
  name,
  help,
  type: "counter",
  read,
});
const gauge = (name: string, help: string, read: ContainerMetric["read"]): ContainerMetric => ({
  name,
  help,
  type: "gauge",
  read,
});
const seconds = (nanoseconds: number) => nanoseconds / 1e9;

/** v1 counts a request as Read or Write and once more as Sync or Async. */
const io = (op: "Read" | "Write", of: "bytes" | "ios") => (reading: Reading) =>
  reading.cgroup.blkio.reduce((sum, entry) => (entry.op === op ? sum + entry[of] : sum), 0);

/** v1's limits are numbers where there is none; nothing real comes near. */
const NO_LIMIT = 2 ** 53 - 1;

const pressure =
  (kind: "cpu" | "memory" | "io", line: keyof PressureView) =>
  ({ cgroup }: Reading) => {
    const total = cgroup.pressure?.[kind]?.[line]?.total;
    return total === undefined ? undefined : total / 1e6;
  };

export const CONTAINER_METRICS: readonly ContainerMetric[] = [
  counter("container_cpu_usage_seconds_total", "CPU time used", ({ cgroup }) => seconds(cgroup.cpu.total)),
  counter("container_cpu_user_seconds_total", "CPU time used in user mode", ({ cgroup }) => seconds(cgroup.cpu.user)),
  counter("container_cpu_system_seconds_total", "CPU time used in the kernel", ({ cgroup }) =>
    seconds(cgroup.cpu.system),
  ),
  counter("container_cpu_cfs_periods_total", "periods of the CPU quota", ({ cgroup }) => cgroup.cpu.periods),
  counter(
    "container_cpu_cfs_throttled_periods_total",
    "periods in which the quota ran out",
    ({ cgroup }) => cgroup.cpu.throttledPeriods,
  ),
  counter("container_cpu_cfs_throttled_seconds_total", "time throttled by the quota", ({ cgroup }) =>
    seconds(cgroup.cpu.throttledTime),
  ),
  gauge("container_memory_usage_bytes", "memory in use, page cache included", ({ cgroup }) => cgroup.memory.usage),
  gauge("container_memory_working_set_bytes", "memory in use without inactive page cache", ({ cgroup }) =>
    Math.max(
      0,
      cgroup.memory.usage - (cgroup.memory.stats.total_inactive_file ?? cgroup.memory.stats.inactive_file ?? 0),
    ),
  ),
  gauge("container_memory_max_usage_bytes", "most memory that was in use", ({ cgroup }) => cgroup.memory.maxUsage),
  gauge("container_spec_memory_limit_bytes", "memory limit; absent without one", ({ cgroup }) =>
    cgroup.memory.limit > 0 && cgroup.memory.limit < NO_LIMIT ? cgroup.memory.limit : undefined,
  ),
  counter(
    "container_oom_events_total",
    "processes killed by the kernel for memory",
    ({ cgroup }) => cgroup.memory.oomKills,
  ),
  gauge("container_threads", "processes and threads", ({ cgroup }) => cgroup.pids.current),
  gauge(
    "container_threads_max",
    "limit of processes and threads; absent without one",
    ({ cgroup }) => cgroup.pids.limit,
  ),
  counter("container_fs_reads_bytes_total", "bytes read from block devices", io("Read", "bytes")),
  counter("container_fs_writes_bytes_total", "bytes written to block devices", io("Write", "bytes")),
  counter("container_fs_reads_total", "reads from block devices", io("Read", "ios")),
  counter("container_fs_writes_total", "writes to block devices", io("Write", "ios")),
  counter(
    "container_pressure_cpu_waiting_seconds_total",
    "time in which some process waited for a CPU",
    pressure("cpu", "some"),
  ),
  counter(
    "container_pressure_cpu_stalled_seconds_total",
    "time in which all processes waited for a CPU",
    pressure("cpu", "full"),
  ),
  counter(
    "container_pressure_memory_waiting_seconds_total",
    "time in which some process waited for memory",
    pressure("memory", "some"),
  ),
  counter(
    "container_pressure_memory_stalled_seconds_total",
    "time in which all processes waited for memory",
    pressure("memory", "full"),
  ),
  counter(
    "container_pressure_io_waiting_seconds_total",
    "time in which some process waited for a disk",
    pressure("io", "some"),
  ),
  counter(
    "container_pressure_io_stalled_seconds_total",
    "time in which all processes waited for a disk",
    pressure("io", "full"),
  ),
];

/** With a label `interface`. */
export const NETWORK_METRICS = [
  ["container_network_receive_bytes_total", "bytes received", "rx_bytes"],
  ["container_network_receive_packets_total", "packets received", "rx_packets"],
  ["container_network_receive_packets_dropped_total", "packets dropped on their way in", "rx_dropped"],
  ["container_network_receive_errors_total", "errors while receiving", "rx_errors"],
  ["container_network_transmit_bytes_total", "bytes sent", "tx_bytes"],
  ["container_network_transmit_packets_total", "packets sent", "tx_packets"],
  ["container_network_transmit_packets_dropped_total", "packets dropped on their way out", "tx_dropped"],
  ["container_network_transmit_errors_total", "errors while sending", "tx_errors"],
] as const;
