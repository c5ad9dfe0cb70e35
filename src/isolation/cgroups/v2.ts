/** cgroup v2: one hierarchy for all controllers (Documentation/admin-guide/cgroup-v2.rst in the kernel's tree). */

import type { CgroupLayout, Resources } from "../spec.ts";
import { deviceProgram } from "./device-program.ts";
import { type CgroupTwin, deviceNumber, type LimitWrite } from "./twin.ts";

type LayoutV2 = Extract<CgroupLayout, { version: "v2" }>;

/** @param path below the mount point, checked by checkCgroupPath. */
export function cgroupV2(layout: LayoutV2, path: string): CgroupTwin {
  const directory = layout.mountpoint + path;
  return {
    directories: [directory],
    birthplace: directory,
    // The device controller and the freezer are no controllers in v2: every cgroup has them.
    controllers: [...layout.controllers.map((name) => (name === "io" ? "blkio" : name)), "devices", "freezer"],
    // v2 checks no limit against another, so any order is taken.
    limitWrites: (resources) =>
      [
        ...cpusetValues(resources),
        ...cpuValues(resources),
        ...memoryValues(resources),
        ...pidsValues(resources),
        ...ioValues(resources),
      ].flatMap(([file, value]): LimitWrite[] => {
        if (value === undefined) return [];
        const controller = file.slice(0, file.indexOf("."));
        if (!layout.controllers.includes(controller)) {
          throw new Error(`the ${controller} cgroup controller is not available`);
        }
        return [{ path: `${directory}/${file}`, data: String(value) }];
      }),
    devices: (rules) => ({ kind: "program", directory, program: deviceProgram(rules) }),
    processDirectory: directory,
    exitCounters: layout.controllers.includes("memory")
      ? [
          { name: "oom_kill", path: `${directory}/memory.events`, key: "oom_kill" },
          // Linux 5.19; on an older one the monitor leaves it out of the record.
          { name: "memory_peak", path: `${directory}/memory.peak`, key: "" },
          { name: "memory_limit_hits", path: `${directory}/memory.events`, key: "max" },
          { name: "memory_own_oom", path: `${directory}/memory.events.local`, key: "oom" },
        ]
      : [],
  };
}

type FileValue = [file: string, value: string | number | undefined];

function cpusetValues({ cpusetCpus, cpusetMems }: Resources): FileValue[] {
  return [
    ["cpuset.cpus", cpusetCpus || undefined],
    ["cpuset.mems", cpusetMems || undefined],
  ];
}

function cpuValues({ cpuShares, cpuQuota, cpuPeriod, cpuRealtimePeriod, cpuRealtimeRuntime }: Resources): FileValue[] {
  if (cpuRealtimePeriod || cpuRealtimeRuntime) throw new Error("cgroup v2 has no limits for realtime CPU time");
  const quota = cpuQuota && cpuQuota > 0 ? cpuQuota : "max";
  return [
    ["cpu.weight", cpuShares ? cpuWeight(cpuShares) : undefined],
    ["cpu.max", cpuQuota || cpuPeriod ? `${quota} ${cpuPeriod || 100_000}` : undefined],
  ];
}

/**
 * v1's cpu.shares (2..262144, default 1024) as v2's cpu.weight (1..10000, default 100): a parabola in log2(shares) through
 * both ends and both defaults, the curve that OCI runtimes agreed on.
 */
export function cpuWeight(shares: number): number {
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const log = Math.log2(shares);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

/** v2 limits swap alone where docker names the sum. Swappiness and oom_kill_disable have no file any more: docker ignores them too. */
function memoryValues({ memory, memorySwap, memoryReservation }: Resources): FileValue[] {
  return [
    ["memory.max", memory ? noLimit(memory) : undefined],
    ["memory.swap.max", swapLimit(memory, memorySwap)],
    ["memory.low", memoryReservation ? noLimit(memoryReservation) : undefined],
  ];
}

function swapLimit(memory: number | undefined, sum: number | undefined): string | number | undefined {
  if (!sum) return undefined;
  if (sum < 0) return "max";
  if (!memory || memory < 0) throw new Error("a limit for memory and swap needs a limit for memory");
  if (sum < memory) throw new Error("the limit for memory and swap is below the limit for memory");
  return sum - memory;
}

function noLimit(value: number): string | number {
  return value < 0 ? "max" : value;
}

function pidsValues({ pidsLimit }: Resources): FileValue[] {
  return [["pids.max", pidsLimit === undefined ? undefined : pidsLimit > 0 ? pidsLimit : "max"]];
}

const throttleKeys = { read_bps: "rbps", write_bps: "wbps", read_iops: "riops", write_iops: "wiops" } as const;

function ioValues({ blkioWeight, blkioWeightDevice = [], blkioThrottle = [] }: Resources): FileValue[] {
  return [
    ["io.weight", blkioWeight ? `default ${ioWeight(blkioWeight)}` : undefined],
    ...blkioWeightDevice.map(
      (device): FileValue => ["io.weight", `${deviceNumber(device)} ${ioWeight(device.weight)}`],
    ),
    ...blkioThrottle.map(
      (device): FileValue => ["io.max", `${deviceNumber(device)} ${throttleKeys[device.kind]}=${device.rate || "max"}`],
    ),
  ];
}

/** v1's blkio weight (10..1000) on v2's scale (1..10000), as OCI runtimes convert it. */
export function ioWeight(weight: number): number {
  return Math.floor(1 + ((weight - 10) * 9999) / 990);
}
