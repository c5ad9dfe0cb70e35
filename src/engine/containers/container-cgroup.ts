/** Where a container's cgroup is: docker's --cgroup-parent in the words of the driver. */
import { cgroupPath } from "../../isolation/cgroups/index.ts";
import type { HostConfig } from "../../wire/container.ts";
import { invalid } from "../errors.ts";
import type { Deps } from "./deps.ts";

/**
 * By the driver that the engine has now, which may be another one than when the container was created.
 * Throws invalid for a parent that is no place for it.
 */
export function containerCgroup(
  { cgroups, settings }: { cgroups: Pick<Deps["cgroups"], "driver">; settings: Pick<Deps["settings"], "cgroupParent"> },
  { CgroupParent: asked }: Pick<HostConfig, "CgroupParent">,
  id: string,
): string {
  const parent = asked || settings.cgroupParent;
  if (cgroups.driver === "systemd" && !isSlice(parent)) {
    throw invalid('cgroup-parent for systemd cgroup should be a valid slice named as "xxx.slice"');
  }
  try {
    return cgroupPath(cgroups.driver, parent, id);
  } catch (error) {
    throw invalid(`invalid cgroup parent "${parent}": ${error instanceof Error ? error.message : error}`);
  }
}

/** Docker's own test. */
const isSlice = (parent: string) => parent.length > ".slice".length && parent.endsWith(".slice");
