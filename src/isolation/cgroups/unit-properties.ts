import type { Resources } from "../spec.ts";
import { withKeeper } from "./scope.ts";
import { cpuWeight, ioWeight } from "./v2.ts";

/** Name, D-Bus signature, value. */
export type UnitProperty = [name: string, signature: string, value: UnitValue];
export type UnitValue = string | number | bigint | boolean | UnitValue[];

const INFINITY = 0xffff_ffff_ffff_ffffn;

/**
 * A container's limits as properties of its scope (systemd.resource-control(5)). systemd writes them to the cgroup's files itself,
 * and again whenever its configuration is loaded anew: without them it would lift our limits then. What it has no word for (limits
 * by device) it leaves alone.
 */
export function unitProperties(path: string, asked: Resources): UnitProperty[] {
  const resources = withKeeper(path, asked);
  const { memory, memorySwap, memoryReservation, pidsLimit, cpuShares, cpusetCpus, cpusetMems, blkioWeight } =
    resources;
  return [
    ...(memory ? [limit("MemoryMax", memory)] : []),
    ...(memorySwap ? [limit("MemorySwapMax", memorySwap < 0 ? -1 : memorySwap - (memory ?? 0))] : []),
    ...(memoryReservation ? [limit("MemoryLow", memoryReservation)] : []),
    // Without a word systemd sets a share of the machine's own limit.
    limit("TasksMax", pidsLimit && pidsLimit > 0 ? pidsLimit : -1),
    ...(cpuShares ? [limit("CPUWeight", cpuWeight(cpuShares))] : []),
    ...cpuQuota(resources),
    ...(cpusetCpus ? [mask("AllowedCPUs", cpusetCpus)] : []),
    ...(cpusetMems ? [mask("AllowedMemoryNodes", cpusetMems)] : []),
    ...(blkioWeight ? [limit("IOWeight", ioWeight(blkioWeight))] : []),
  ];
}

/** Negative: no limit. */
function limit(name: string, value: number): UnitProperty {
  return [name, "t", value < 0 ? INFINITY : BigInt(value)];
}

/** systemd keeps whole percents of a CPU: rounded up, as no child could have the share that was asked for otherwise. */
function cpuQuota({ cpuQuota: quota, cpuPeriod: period }: Resources): UnitProperty[] {
  if (!quota && !period) return [];
  const microseconds = period || 100_000;
  const perSecond =
    quota && quota > 0 ? Math.ceil(Math.ceil((quota * 1_000_000) / microseconds) / 10_000) * 10_000 : -1;
  return [limit("CPUQuotaPerSecUSec", perSecond), limit("CPUQuotaPeriodUSec", microseconds)];
}

/** "0-2,7" as bytes of 8 CPUs each, the lowest first. */
function mask(name: string, list: string): UnitProperty {
  const bytes: number[] = [];
  for (const range of list.split(",")) {
    const [first = 0, last = first] = range.split("-").map(Number);
    for (let number = first; number <= last; number++) {
      while (bytes.length <= number >> 3) bytes.push(0);
      bytes[number >> 3] = (bytes[number >> 3] ?? 0) | (1 << (number & 7));
    }
  }
  return [name, "ay", bytes];
}
