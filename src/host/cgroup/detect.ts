import { readFile } from "node:fs/promises";
import type { CgroupLayout } from "../../isolation/spec.ts";
import { type MountInfo, parseMountInfo } from "../../kernel/proc-mountinfo.ts";

/** Mount options of v1 hierarchies that name a controller (Linux up to 6.18). */
const controllerNames = new Set([
  "blkio",
  "cpu",
  "cpuacct",
  "cpuset",
  "devices",
  "freezer",
  "hugetlb",
  "memory",
  "misc",
  "net_cls",
  "net_prio",
  "perf_event",
  "pids",
  "rdma",
]);

/**
 * The cgroup hierarchies as the mount table shows them. A host with any v1 controller counts as v1: a controller is in one
 * hierarchy only, so a v2 mount beside it (hybrid) has what v1 left over, which mostly is nothing.
 *
 * @param root directory that stands for "/" (tests).
 * @throws Error when no cgroup file system is mounted.
 */
export async function detectLayout(root: string): Promise<CgroupLayout> {
  const mounts = parseMountInfo(await readFile(`${root}/proc/self/mountinfo`, "utf8"));
  const unified = mounts.find(({ fsType }) => fsType === "cgroup2");
  const hierarchies = distinctHierarchies(mounts.filter(({ fsType }) => fsType === "cgroup")).map((hierarchy) => ({
    ...hierarchy,
    mountpoint: root + hierarchy.mountpoint,
  }));
  if (hierarchies.some(({ controllers }) => controllers.some((name) => controllerNames.has(name)))) {
    return { version: "v1", hierarchies, ...(unified && { unified: root + unified.mountpoint }) };
  }
  if (unified === undefined) throw new Error("no cgroup file system is mounted");
  const mountpoint = root + unified.mountpoint;
  const controllers = (await readFile(`${mountpoint}/cgroup.controllers`, "utf8")).trim().split(" ");
  return { version: "v2", mountpoint, controllers: controllers.filter((name) => name !== "") };
}

/** A hierarchy may be mounted more than once: the first mount serves. */
function distinctHierarchies(mounts: MountInfo[]): { controllers: string[]; mountpoint: string }[] {
  const seen = new Set<string>();
  return mounts.flatMap(({ superOptions, mountpoint }) => {
    const controllers = superOptions.filter((option) => controllerNames.has(option) || option.startsWith("name="));
    const key = controllers.join(",");
    if (controllers.length === 0 || seen.has(key)) return [];
    seen.add(key);
    return [{ controllers, mountpoint }];
  });
}
