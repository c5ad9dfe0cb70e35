import type { ContainerFlags } from "./create-body.ts";

/** Limits, in the API's words; Windows' own are sent as docker sends them. */
export function resourcesOf(flags: ContainerFlags) {
  const swappiness = flags.memorySwappiness;
  if (swappiness !== -1 && (swappiness < 0 || swappiness > 100))
    throw new Error(`invalid value: ${swappiness}. Valid memory swappiness range is 0-100`);
  return {
    CpuShares: flags.cpuShares,
    Memory: flags.memory,
    NanoCpus: flags.cpus,
    CgroupParent: flags.cgroupParent,
    BlkioWeight: flags.blkioWeight,
    BlkioWeightDevice: flags.blkioWeightDevice,
    BlkioDeviceReadBps: flags.deviceReadBps,
    BlkioDeviceWriteBps: flags.deviceWriteBps,
    BlkioDeviceReadIOps: flags.deviceReadIops,
    BlkioDeviceWriteIOps: flags.deviceWriteIops,
    CpuPeriod: flags.cpuPeriod,
    CpuQuota: flags.cpuQuota,
    CpuRealtimePeriod: flags.cpuRtPeriod,
    CpuRealtimeRuntime: flags.cpuRtRuntime,
    CpusetCpus: flags.cpusetCpus,
    CpusetMems: flags.cpusetMems,
    KernelMemory: flags.kernelMemory || undefined,
    MemoryReservation: flags.memoryReservation,
    MemorySwap: flags.memorySwap,
    MemorySwappiness: swappiness,
    OomKillDisable: flags.oomKillDisable,
    PidsLimit: flags.pidsLimit,
    Ulimits: Object.values(flags.ulimit).sort((a, b) => (a.Name < b.Name ? -1 : 1)),
    CpuCount: flags.cpuCount,
    CpuPercent: flags.cpuPercent,
    IOMaximumIOps: flags.ioMaxiops,
    IOMaximumBandwidth: flags.ioMaxbandwidth,
  };
}
