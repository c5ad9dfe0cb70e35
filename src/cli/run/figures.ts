import type { Figures } from "../format/stats-columns.ts";

/** One sample of GET /containers/{id}/stats, as far as it is shown. */
export type Sample = {
  id?: string;
  name?: string;
  read?: string;
  pids_stats?: { current?: number };
  cpu_stats?: Cpu;
  precpu_stats?: Cpu;
  memory_stats?: { usage?: number; limit?: number; stats?: { inactive_file?: number; total_inactive_file?: number } };
  blkio_stats?: { io_service_bytes_recursive?: { op?: string; value?: number }[] | null };
  networks?: Record<string, { rx_bytes?: number; tx_bytes?: number }>;
};
type Cpu = {
  cpu_usage?: { total_usage?: number; percpu_usage?: number[] | null };
  system_cpu_usage?: number;
  online_cpus?: number;
};

/** A sample as docker's CLI counts it: CPU by the sample before, memory without the page cache that can go at once. */
export function figuresOf(sample: Sample): Figures {
  const { memory_stats: memory = {}, blkio_stats: block = {}, networks = {} } = sample;
  const used = memory.usage ?? 0;
  const inactive = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0;
  const memoryUsed = inactive < used ? used - inactive : used;
  const limit = memory.limit ?? 0;
  const bytes = (kind: string) =>
    sum(
      (block.io_service_bytes_recursive ?? [])
        .filter(({ op }) => op?.toLowerCase().startsWith(kind))
        .map(({ value = 0 }) => value),
    );
  return {
    cpuPercent: cpuPercent(sample.cpu_stats ?? {}, sample.precpu_stats ?? {}),
    memory: memoryUsed,
    memoryLimit: limit,
    memoryPercent: limit > 0 ? (memoryUsed / limit) * 100 : 0,
    received: sum(Object.values(networks).map(({ rx_bytes = 0 }) => rx_bytes)),
    sent: sum(Object.values(networks).map(({ tx_bytes = 0 }) => tx_bytes)),
    read: bytes("r"),
    written: bytes("w"),
    pids: sample.pids_stats?.current ?? 0,
  };
}

const sum = (numbers: number[]) => numbers.reduce((total, n) => total + Number(n), 0);

function cpuPercent(now: Cpu, before: Cpu): number {
  const spent = Number(now.cpu_usage?.total_usage ?? 0) - Number(before.cpu_usage?.total_usage ?? 0);
  const passed = Number(now.system_cpu_usage ?? 0) - Number(before.system_cpu_usage ?? 0);
  const cpus = now.online_cpus || (now.cpu_usage?.percpu_usage?.length ?? 0);
  return spent > 0 && passed > 0 ? (spent / passed) * cpus * 100 : 0;
}
