import type { DeviceRule, Resources } from "../spec.ts";

/** One write(2) to one file of a cgroup. */
export type LimitWrite = { path: string; data: string };

/** What differs between cgroup v1 and v2 about one cgroup; paths are absolute host paths. v1.ts and v2.ts are the two bodies. */
export type CgroupTwin = {
  /** The cgroup's directories, one per hierarchy. */
  directories: string[];
  /** The one of them that is cgroup v2, if any: clone(2) can make a process in there. */
  birthplace?: string;
  /** Controllers that the host offers, v1's names ("blkio", not "io"). */
  controllers: string[];
  /** The limits as file writes, in an order in which the kernel takes them. */
  limitWrites(resources: Resources, order: LimitOrder): LimitWrite[];
  devices(rules: DeviceRule[]): DeviceControl;
  /** The directory that tells its processes and where they are killed at the end: they are in all of them. */
  processDirectory: string;
  /**
   * What the kernel has counted when all is over: oom_kill (processes killed for memory), memory_peak (bytes), memory_limit_hits,
   * v2 alone memory_own_oom (its own limit ran out, not one above). None without a memory controller; a kernel may lack some.
   */
  exitCounters: { name: string; path: string; key: string }[];
};

/**
 * memory.limit_in_bytes may never be above memory.memsw.limit_in_bytes, so a cgroup that grows takes the sum first and one
 * that shrinks takes the memory first. A new cgroup has no limits yet: "shrink".
 */
export type LimitOrder = "shrink" | "grow";

/** v1 lists devices in files, v2 asks a BPF program. */
export type DeviceControl =
  | { kind: "writes"; writes: LimitWrite[] }
  | { kind: "program"; directory: string; program: Uint8Array };

/** @returns "1:3", "*:*" … as all cgroup files write a device number. */
export function deviceNumber(device: { major: number | "*"; minor: number | "*" }): string {
  return `${device.major}:${device.minor}`;
}
