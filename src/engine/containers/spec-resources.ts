/** Docker's limits to Linux's. */
import type { Resources } from "../../isolation/spec.ts";
import type { HostConfig, ThrottleDevice } from "../../wire/container.ts";
import { invalid } from "../errors.ts";
import type { HostDevices } from "./deps.ts";

/** Microseconds: the kernel's and docker's period. */
const PERIOD = 100_000;

/** Throws invalid for a block device that is not there. */
export async function resourcesOf(devices: HostDevices, host: HostConfig): Promise<Resources> {
  return { ...plainResources(host), ...(await blockResources(devices, host)) };
}

/** All that needs no look at the host's devices. Limits of 0 or "" are none. */
export function plainResources(host: HostConfig): Resources {
  const cpu =
    host.NanoCpus > 0
      ? { cpuQuota: Math.round((host.NanoCpus / 1e9) * PERIOD), cpuPeriod: PERIOD }
      : { ...(host.CpuQuota && { cpuQuota: host.CpuQuota }), ...(host.CpuPeriod && { cpuPeriod: host.CpuPeriod }) };
  const swappiness = host.MemorySwappiness ?? -1;
  return {
    ...cpu,
    ...(host.CpuShares && { cpuShares: host.CpuShares }),
    ...(host.CpuRealtimeRuntime && { cpuRealtimeRuntime: host.CpuRealtimeRuntime }),
    ...(host.CpuRealtimePeriod && { cpuRealtimePeriod: host.CpuRealtimePeriod }),
    ...(host.CpusetCpus && { cpusetCpus: host.CpusetCpus }),
    ...(host.CpusetMems && { cpusetMems: host.CpusetMems }),
    ...(host.Memory && { memory: host.Memory }),
    ...(host.MemoryReservation && { memoryReservation: host.MemoryReservation }),
    ...(host.MemorySwap && { memorySwap: host.MemorySwap }),
    ...(swappiness >= 0 && { memorySwappiness: swappiness }),
    ...(host.OomKillDisable && { oomKillDisable: true }),
    // 0 is a limit that an update has taken away.
    ...(host.PidsLimit !== null && { pidsLimit: host.PidsLimit || -1 }),
    ...(host.BlkioWeight && { blkioWeight: host.BlkioWeight }),
  };
}

type Throttle = NonNullable<Resources["blkioThrottle"]>[number];

async function blockResources(devices: HostDevices, host: HostConfig): Promise<Resources> {
  const number = async (path: string) => {
    const [node] = (await devices.at(path)) ?? [];
    if (node?.type !== "b") throw invalid(`no such device or not a block device: ${path}`);
    return { major: node.major, minor: node.minor };
  };
  const throttles = (kind: Throttle["kind"], list: ThrottleDevice[]) =>
    list.map(async ({ Path, Rate }): Promise<Throttle> => ({ kind, ...(await number(Path)), rate: Rate }));
  const [weights, limits] = await Promise.all([
    Promise.all(host.BlkioWeightDevice.map(async ({ Path, Weight }) => ({ ...(await number(Path)), weight: Weight }))),
    Promise.all([
      ...throttles("read_bps", host.BlkioDeviceReadBps),
      ...throttles("write_bps", host.BlkioDeviceWriteBps),
      ...throttles("read_iops", host.BlkioDeviceReadIOps),
      ...throttles("write_iops", host.BlkioDeviceWriteIOps),
    ]),
  ]);
  return {
    ...(weights.length > 0 && { blkioWeightDevice: weights }),
    ...(limits.length > 0 && { blkioThrottle: limits }),
  };
}
