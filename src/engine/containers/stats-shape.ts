/** Docker's JSON of a container's use of resources, made from raw samples. */
import type { CgroupVersion } from "../../isolation/spec.ts";
import { ZERO_TIME } from "../../wire/timestamps.ts";
import type { CgroupSample } from "../ports.ts";
import type { Reading } from "../sampling/to-sample.ts";

type Measured = Pick<Reading, "at" | "cgroup" | "hostCpu" | "networks">;
type Named = { id: string; name: string };

/**
 * @param before an earlier sample of the same run; undefined: none, docker then sends zeros
 * @param memoryTotal of the host, bytes: the limit of a container without one
 */
export function statsJson(
  container: Named,
  now: Measured,
  before: Measured | undefined,
  host: { version: CgroupVersion; memoryTotal: number },
): object {
  const { cgroup } = now;
  const v1 = host.version === "v1";
  return {
    name: `/${container.name}`,
    id: container.id,
    read: new Date(now.at).toISOString(),
    preread: before ? new Date(before.at).toISOString() : ZERO_TIME,
    pids_stats: { current: cgroup.pids.current, ...(cgroup.pids.limit !== undefined && { limit: cgroup.pids.limit }) },
    blkio_stats: blkioJson(cgroup.blkio, v1),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpuJson(now),
    precpu_stats: before ? cpuJson(before) : noCpu(),
    memory_stats: memoryJson(cgroup.memory, host.memoryTotal),
    ...(now.networks && Object.keys(now.networks).length > 0 && { networks: now.networks }),
  };
}

/** What docker answers for a container that does not run. */
export function emptyStatsJson({ id, name }: Named): object {
  return {
    name: `/${name}`,
    id,
    read: ZERO_TIME,
    preread: ZERO_TIME,
    pids_stats: {},
    blkio_stats: blkioJson([], false),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: noCpu(),
    precpu_stats: noCpu(),
    memory_stats: {},
  };
}

function cpuJson({ cgroup: { cpu }, hostCpu }: Measured): object {
  return {
    cpu_usage: {
      total_usage: cpu.total,
      ...(cpu.perCpu && { percpu_usage: cpu.perCpu }),
      usage_in_kernelmode: cpu.system,
      usage_in_usermode: cpu.user,
    },
    system_cpu_usage: hostCpu.total,
    online_cpus: hostCpu.online,
    throttling_data: {
      periods: cpu.periods,
      throttled_periods: cpu.throttledPeriods,
      throttled_time: cpu.throttledTime,
    },
  };
}

const noCpu = (): object => ({
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
});

function memoryJson(memory: CgroupSample["memory"], total: number): object {
  // Without a limit v1 shows a huge number and v2 "max": docker shows the host's memory.
  const limit = memory.limit > 0 && memory.limit < total ? memory.limit : total;
  return {
    usage: memory.usage,
    ...(memory.maxUsage !== undefined && { max_usage: memory.maxUsage }),
    // Some clients read v1's "cache" on v2 hosts too, where it is called "file" (ctop#366).
    stats: {
      ...("cache" in memory.stats || !("file" in memory.stats) ? {} : { cache: memory.stats.file }),
      ...memory.stats,
    },
    ...(memory.failcnt ? { failcnt: memory.failcnt } : {}),
    limit,
  };
}

/** v1's files name operations "Read", v2's "read": so does docker. v2 has no list of counts in docker's answer. */
function blkioJson(entries: CgroupSample["blkio"], v1: boolean): object {
  const list = (pick: (entry: CgroupSample["blkio"][number]) => number) =>
    entries.map((entry) => ({
      major: entry.major,
      minor: entry.minor,
      op: v1 ? entry.op : entry.op.toLowerCase(),
      value: pick(entry),
    }));
  // On v1 docker sends empty lists where there is nothing.
  const none = v1 ? [] : null;
  return {
    io_service_bytes_recursive: v1 || entries.length > 0 ? list(({ bytes }) => bytes) : null,
    io_serviced_recursive: v1 ? list(({ ios }) => ios) : null,
    io_queue_recursive: none,
    io_service_time_recursive: none,
    io_wait_time_recursive: none,
    io_merged_recursive: none,
    io_time_recursive: none,
    sectors_recursive: none,
  };
}
