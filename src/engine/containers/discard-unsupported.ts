/** Limits that the host's kernel cannot set are dropped with a warning, as docker does. Pure. */
import type { HostConfig } from "../../wire/container.ts";
import { invalid } from "../errors.ts";
import type { CgroupFeatures } from "../ports.ts";

type Limits = Partial<HostConfig>;
type Rule = {
  feature: keyof CgroupFeatures;
  wanted: (limits: Limits) => unknown;
  /** what is left of the limits */
  without: Limits;
  warning: string;
};

const discarded = (what: string, then: string) =>
  `Your kernel does not support ${what} or the cgroup is not mounted. ${then}`;
const blockIo = (what: string, then: string) => discarded(what, `${then} discarded.`);

const RULES: readonly Rule[] = [
  {
    feature: "memoryLimit",
    wanted: (it) => it.Memory,
    without: { Memory: 0, MemorySwap: -1 },
    warning: discarded("memory limit capabilities", "Limitation discarded."),
  },
  {
    feature: "swapLimit",
    wanted: (it) => (it.Memory ?? 0) > 0 && it.MemorySwap !== -1,
    without: { MemorySwap: -1 },
    warning: discarded("swap limit capabilities", "Memory limited without swap."),
  },
  {
    feature: "swappiness",
    wanted: (it) => (it.MemorySwappiness ?? -1) >= 0,
    without: { MemorySwappiness: null },
    warning: discarded("memory swappiness capabilities", "Memory swappiness discarded."),
  },
  {
    feature: "memoryReservation",
    wanted: (it) => it.MemoryReservation,
    without: { MemoryReservation: 0 },
    warning: discarded("memory soft limit capabilities", "Limitation discarded."),
  },
  {
    feature: "oomKillDisable",
    wanted: (it) => it.OomKillDisable,
    without: { OomKillDisable: null },
    warning: "Your kernel does not support OomKillDisable. OomKillDisable discarded.",
  },
  {
    feature: "pidsLimit",
    wanted: (it) => (it.PidsLimit ?? 0) > 0,
    without: { PidsLimit: null },
    warning: discarded("PIDs limit capabilities", "PIDs limit discarded."),
  },
  {
    feature: "cpuShares",
    wanted: (it) => it.CpuShares,
    without: { CpuShares: 0 },
    warning: discarded("CPU shares", "Shares discarded."),
  },
  {
    feature: "cpuQuota",
    wanted: (it) => it.CpuPeriod || it.CpuQuota,
    without: { CpuPeriod: 0, CpuQuota: 0 },
    warning: "Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.",
  },
  {
    feature: "cpuset",
    wanted: (it) => it.CpusetCpus || it.CpusetMems,
    without: { CpusetCpus: "", CpusetMems: "" },
    warning: discarded("cpuset", "Cpuset discarded."),
  },
  {
    feature: "blkioWeight",
    wanted: (it) => it.BlkioWeight,
    without: { BlkioWeight: 0 },
    warning: blockIo("Block I/O weight", "Weight"),
  },
  {
    feature: "blkioWeight",
    wanted: (it) => it.BlkioWeightDevice?.length,
    without: { BlkioWeightDevice: [] },
    warning: blockIo("Block I/O weight_device", "Weight-device"),
  },
  {
    feature: "blkioThrottle",
    wanted: (it) => it.BlkioDeviceReadBps?.length,
    without: { BlkioDeviceReadBps: [] },
    warning: blockIo("BPS Block I/O read limit", "Block I/O BPS read limit"),
  },
  {
    feature: "blkioThrottle",
    wanted: (it) => it.BlkioDeviceWriteBps?.length,
    without: { BlkioDeviceWriteBps: [] },
    warning: blockIo("BPS Block I/O write limit", "Block I/O BPS write limit"),
  },
  {
    feature: "blkioThrottle",
    wanted: (it) => it.BlkioDeviceReadIOps?.length,
    without: { BlkioDeviceReadIOps: [] },
    warning: blockIo("IOPS Block I/O read limit", "Block I/O IOPS read limit"),
  },
  {
    feature: "blkioThrottle",
    wanted: (it) => it.BlkioDeviceWriteIOps?.length,
    without: { BlkioDeviceWriteIOps: [] },
    warning: blockIo("IOPS Block I/O write limit", "Block I/O IOPS write limit"),
  },
];

/** Throws invalid for --cpus, which docker refuses where it cannot be had. */
export function discardUnsupported<T extends Limits>(
  limits: T,
  features: CgroupFeatures,
): { limits: T; warnings: string[] } {
  if ((limits.NanoCpus ?? 0) > 0 && !features.cpuQuota) {
    throw invalid(
      "NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted",
    );
  }
  let left = limits;
  const warnings: string[] = [];
  for (const { feature, wanted, without, warning } of RULES) {
    if (features[feature] || !wanted(left)) continue;
    left = { ...left, ...without };
    warnings.push(warning);
  }
  return { limits: left, warnings };
}
