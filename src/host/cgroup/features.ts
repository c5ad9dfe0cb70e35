import type { CgroupFeatures } from "../../engine/ports.ts";
import type { CgroupLayout } from "../../isolation/spec.ts";
import { exists } from "./files.ts";

/** What each feature is known by: a file in a cgroup below the root (the root lacks most), on v1 and on v2. */
const files: Record<keyof CgroupFeatures, { v1: [controller: string, file: string]; v2?: string }> = {
  memoryLimit: { v1: ["memory", "memory.limit_in_bytes"], v2: "memory.max" },
  memoryReservation: { v1: ["memory", "memory.soft_limit_in_bytes"], v2: "memory.low" },
  swapLimit: { v1: ["memory", "memory.memsw.limit_in_bytes"], v2: "memory.swap.max" },
  swappiness: { v1: ["memory", "memory.swappiness"] },
  oomKillDisable: { v1: ["memory", "memory.oom_control"] },
  cpuShares: { v1: ["cpu", "cpu.shares"], v2: "cpu.weight" },
  cpuQuota: { v1: ["cpu", "cpu.cfs_quota_us"], v2: "cpu.max" },
  cpuRealtime: { v1: ["cpu", "cpu.rt_runtime_us"] },
  cpuset: { v1: ["cpuset", "cpuset.cpus"], v2: "cpuset.cpus" },
  pidsLimit: { v1: ["pids", "pids.max"], v2: "pids.max" },
  blkioWeight: { v1: ["blkio", "blkio.bfq.weight"], v2: "io.weight" },
  blkioThrottle: { v1: ["blkio", "blkio.throttle.read_bps_device"], v2: "io.max" },
  devices: { v1: ["devices", "devices.allow"], v2: "cgroup.procs" },
  freezer: { v1: ["freezer", "freezer.state"], v2: "cgroup.freeze" },
};

/** @param path of a cgroup that exists in every hierarchy. */
export async function detectFeatures(layout: CgroupLayout, path: string): Promise<CgroupFeatures> {
  const found = await Promise.all(
    Object.entries(files).map(async ([feature, { v1, v2 }]) => {
      const file = layout.version === "v1" ? fileV1(layout, path, v1) : v2 && `${layout.mountpoint}${path}/${v2}`;
      return [feature, file !== undefined && (await exists(file))] as const;
    }),
  );
  return Object.fromEntries(found) as CgroupFeatures;
}

/**
 * What cgroups have that systemd makes with Delegate=yes, told without making one: the files of a controller are there if the
 * controller is; what a kernel may lack beside is looked for where systemd keeps services, which have memory and pids.
 */
export async function delegatedFeatures(layout: CgroupLayout): Promise<CgroupFeatures> {
  const controllers = layout.version === "v2" ? layout.controllers : [];
  const mountpoint = layout.version === "v2" ? layout.mountpoint : "";
  const beside = new Set<string>(["memory.swap.max", "io.weight"]);
  const found = await Promise.all(
    Object.entries(files).map(async ([feature, { v2 }]) => {
      if (v2 === undefined) return [feature, false] as const;
      const controller = v2.slice(0, v2.indexOf("."));
      const has = controller === "cgroup" || controllers.includes(controller);
      return [feature, has && (!beside.has(v2) || (await exists(`${mountpoint}/system.slice/${v2}`)))] as const;
    }),
  );
  return Object.fromEntries(found) as CgroupFeatures;
}

function fileV1(
  layout: Extract<CgroupLayout, { version: "v1" }>,
  path: string,
  [controller, file]: [string, string],
): string | undefined {
  const hierarchy = layout.hierarchies.find(({ controllers }) => controllers.includes(controller));
  return hierarchy && `${hierarchy.mountpoint}${path}/${file}`;
}
