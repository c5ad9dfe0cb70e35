/** cgroup v1: a hierarchy per controller (cgroups(7); Documentation/admin-guide/cgroup-v1 in the kernel's tree). */

import type { CgroupLayout, DeviceRule, Resources } from "../spec.ts";
import { type CgroupTwin, deviceNumber, type LimitOrder, type LimitWrite } from "./twin.ts";

type LayoutV1 = Extract<CgroupLayout, { version: "v1" }>;

/** @param path below each mount point, checked by checkCgroupPath. */
export function cgroupV1(layout: LayoutV1, path: string): CgroupTwin {
  const directoryOf = (controller: string) => {
    const hierarchy = layout.hierarchies.find(({ controllers }) => controllers.includes(controller));
    return hierarchy && hierarchy.mountpoint + path;
  };
  const directories = layout.hierarchies.map(({ mountpoint }) => mountpoint + path);
  // A hybrid host has a v2 hierarchy beside: it limits nothing, but /proc/PID/cgroup shows it and it can kill at one blow.
  const unified = layout.unified === undefined ? undefined : layout.unified + path;
  const processDirectory = unified ?? directoryOf("pids") ?? directories[0];
  if (processDirectory === undefined) throw new Error("no cgroup hierarchy is mounted");
  const memory = directoryOf("memory");
  return {
    directories: unified === undefined ? directories : [...directories, unified],
    ...(unified !== undefined && { birthplace: unified }),
    controllers: layout.hierarchies.flatMap(({ controllers }) => controllers),
    limitWrites: (resources, order) => [
      ...writesIn(directoryOf("cpuset"), "cpuset", cpusetValues(resources)),
      ...writesIn(directoryOf("cpu"), "cpu", cpuValues(resources)),
      ...writesIn(memory, "memory", memoryValues(resources, order)),
      ...writesIn(directoryOf("pids"), "pids", pidsValues(resources)),
      ...writesIn(directoryOf("blkio"), "blkio", blkioValues(resources)),
    ],
    devices: (rules) => ({
      kind: "writes",
      writes: writesIn(directoryOf("devices"), "devices", rules.map(deviceValue)),
    }),
    processDirectory,
    exitCounters: memory
      ? [
          { name: "oom_kill", path: `${memory}/memory.oom_control`, key: "oom_kill" },
          { name: "memory_peak", path: `${memory}/memory.max_usage_in_bytes`, key: "" },
          { name: "memory_limit_hits", path: `${memory}/memory.failcnt`, key: "" },
        ]
      : [],
  };
}

type FileValue = [file: string, value: string | number | undefined];

function writesIn(directory: string | undefined, controller: string, values: FileValue[]): LimitWrite[] {
  const wanted = values.filter(([, value]) => value !== undefined);
  if (directory === undefined) {
    if (wanted.length === 0) return [];
    throw new Error(`the ${controller} cgroup controller is not mounted`);
  }
  return wanted.map(([file, value]) => ({ path: `${directory}/${file}`, data: String(value) }));
}

function cpusetValues({ cpusetCpus, cpusetMems }: Resources): FileValue[] {
  return [
    ["cpuset.cpus", cpusetCpus || undefined],
    ["cpuset.mems", cpusetMems || undefined],
  ];
}

/** Periods come before what is measured in them: the kernel refuses a quota or runtime that its period cannot hold. */
function cpuValues(resources: Resources): FileValue[] {
  return [
    ["cpu.shares", resources.cpuShares || undefined],
    ["cpu.cfs_period_us", resources.cpuPeriod || undefined],
    ["cpu.cfs_quota_us", resources.cpuQuota || undefined],
    ["cpu.rt_period_us", resources.cpuRealtimePeriod || undefined],
    ["cpu.rt_runtime_us", resources.cpuRealtimeRuntime || undefined],
  ];
}

function memoryValues(resources: Resources, order: LimitOrder): FileValue[] {
  const limit: FileValue = ["memory.limit_in_bytes", resources.memory || undefined];
  const sum: FileValue = ["memory.memsw.limit_in_bytes", resources.memorySwap || undefined];
  // "No limit" for the sum is the largest: it can always go first.
  const sumFirst = order === "grow" || resources.memorySwap === -1;
  return [
    ...(sumFirst ? [sum, limit] : [limit, sum]),
    ["memory.soft_limit_in_bytes", resources.memoryReservation || undefined],
    ["memory.swappiness", isSet(resources.memorySwappiness) ? resources.memorySwappiness : undefined],
    ["memory.oom_control", resources.oomKillDisable ? 1 : undefined],
  ];
}

/** 0 is a swappiness, -1 is docker's word for the host's. */
function isSet(swappiness: number | undefined): boolean {
  return swappiness !== undefined && swappiness >= 0;
}

function pidsValues({ pidsLimit }: Resources): FileValue[] {
  return [["pids.max", pidsLimit === undefined ? undefined : pidsLimit > 0 ? pidsLimit : "max"]];
}

/** Weights are BFQ's: CFQ and its blkio.weight left the kernel with 5.0. */
function blkioValues(resources: Resources): FileValue[] {
  const weights = resources.blkioWeightDevice ?? [];
  const throttles = resources.blkioThrottle ?? [];
  return [
    ["blkio.bfq.weight", resources.blkioWeight || undefined],
    ...weights.map((device): FileValue => ["blkio.bfq.weight_device", `${deviceNumber(device)} ${device.weight}`]),
    ...throttles.map(
      (device): FileValue => [`blkio.throttle.${device.kind}_device`, `${deviceNumber(device)} ${device.rate}`],
    ),
  ];
}

function deviceValue(rule: DeviceRule): FileValue {
  return [rule.allow ? "devices.allow" : "devices.deny", `${rule.type} ${deviceNumber(rule)} ${rule.access}`];
}
