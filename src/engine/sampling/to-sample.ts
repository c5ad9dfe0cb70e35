/** Raw readings to what the glass shows of a container: percentages and rates. Pure. */
import type { ContainerSample } from "../../wire/glass.ts";
import type { CgroupSample, HostCpu, NetworkCounters } from "../ports.ts";

/** What was measured of one container at one moment. */
export type Reading = {
  /** Unix milliseconds */
  at: number;
  /** ms of the clock that never jumps: rates are by it */
  monotonic: number;
  cgroup: CgroupSample;
  /** all CPUs of the host together, ns */
  hostCpu: Pick<HostCpu, "total" | "online">;
  /** absent: it has no network of its own */
  networks: Record<string, NetworkCounters> | undefined;
};

export type Quota = {
  /** CPUs; absent: none */
  cpus?: number;
  /** of the host, bytes */
  memoryTotal: number;
};

/** @param before an earlier reading of the same run: without one there are no rates */
export function toSample(id: string, now: Reading, before: Reading | undefined, quota: Quota): ContainerSample {
  const { pressure } = now.cgroup;
  const seconds = before === undefined ? 0 : (now.monotonic - before.monotonic) / 1000;
  const per = (value: number, earlier: number | undefined) =>
    seconds > 0 && earlier !== undefined ? Math.max(0, value - earlier) / seconds : undefined;
  const network = networkOf(now.networks);
  const networkBefore = networkOf(before?.networks);
  const io = ioOf(now.cgroup);
  const ioBefore = before && ioOf(before.cgroup);
  return {
    id,
    at: now.at,
    cpu: cpuOf(now, before, { seconds, limit: quota.cpus }),
    memory: memoryOf(now.cgroup.memory, quota.memoryTotal),
    pids: now.cgroup.pids,
    io: {
      ...io,
      ...known({ readRate: per(io.read, ioBefore?.read), writtenRate: per(io.written, ioBefore?.written) }),
    },
    ...(network && {
      network: {
        ...network,
        ...known({
          receivedRate: per(network.received, networkBefore?.received),
          sentRate: per(network.sent, networkBefore?.sent),
        }),
      },
    }),
    ...(pressure && { pressure }),
  };
}

type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
/** In place, and without a list of entries: this is done for each container each second. */
function known<T extends object>(value: T): Known<T> {
  for (const key in value) if (value[key] === undefined) delete value[key];
  return value as Known<T>;
}

function cpuOf(
  { cgroup: { cpu }, hostCpu }: Reading,
  before: Reading | undefined,
  { seconds, limit }: { seconds: number; limit: number | undefined },
): ContainerSample["cpu"] {
  const used = before === undefined ? undefined : Math.max(0, cpu.total - before.cgroup.cpu.total);
  const cores = used === undefined || seconds <= 0 ? undefined : used / 1e9 / seconds;
  const periods = before === undefined ? 0 : cpu.periods - before.cgroup.cpu.periods;
  const throttled = before === undefined ? 0 : cpu.throttledPeriods - before.cgroup.cpu.throttledPeriods;
  return {
    usage: cpu.total,
    user: cpu.user,
    system: cpu.system,
    periods: cpu.periods,
    throttledPeriods: cpu.throttledPeriods,
    throttled: cpu.throttledTime,
    ...known({
      cores,
      ofHost: cores === undefined ? undefined : Math.min(100, (cores / hostCpu.online) * 100),
      limit,
      ofLimit: cores === undefined || limit === undefined ? undefined : (cores / limit) * 100,
      throttledShare: periods > 0 ? Math.min(100, (throttled / periods) * 100) : undefined,
    }),
  };
}

/** @param total memory of the host, bytes */
function memoryOf(memory: CgroupSample["memory"], total: number): ContainerSample["memory"] {
  const { stats, usage } = memory;
  const workingSet = Math.max(0, usage - (stats.total_inactive_file ?? stats.inactive_file ?? 0));
  const limit = memory.limit > 0 && memory.limit < total ? memory.limit : undefined;
  return {
    usage,
    workingSet,
    ofHost: (workingSet / total) * 100,
    ...known({
      limit,
      ofLimit: limit === undefined ? undefined : (workingSet / limit) * 100,
      peak: memory.maxUsage,
      oomKills: memory.oomKills,
      // v1's names with what is below, v1's without, v2's. v1 has the kernel's share in a file of its own only.
      anonymous: stats.total_rss ?? stats.rss ?? stats.anon,
      file: stats.total_cache ?? stats.cache ?? stats.file,
      kernel: stats.kernel,
    }),
  };
}

/** v1 counts each request as Read or Write and once more as Sync or Async. */
function ioOf({ blkio }: CgroupSample) {
  const sums = { read: 0, written: 0, reads: 0, writes: 0 };
  for (const { op, bytes, ios } of blkio) {
    if (op === "Read") {
      sums.read += bytes;
      sums.reads += ios;
    } else if (op === "Write") {
      sums.written += bytes;
      sums.writes += ios;
    }
  }
  return sums;
}

function networkOf(networks: Reading["networks"]) {
  if (networks === undefined) return undefined;
  const sums = { received: 0, sent: 0, packetsReceived: 0, packetsSent: 0 };
  for (const counters of Object.values(networks)) {
    sums.received += counters.rx_bytes;
    sums.sent += counters.tx_bytes;
    sums.packetsReceived += counters.rx_packets;
    sums.packetsSent += counters.tx_packets;
  }
  return sums;
}
