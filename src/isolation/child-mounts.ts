/**
 * What the host's root mounts for a container with a user namespace and id-mapped files: the root over its layers, and the
 * binds. Inside nobody could: overlayfs keeps its marks in trusted.* attributes, an id map is set by whoever has power over
 * the file system, and the sources lie in directories that only the host's root may enter.
 */
import { planned } from "./op.ts";
import type { PlannedOp } from "./plan.ts";
import { rootOps } from "./rootfs.ts";
import type { IdMap, IsolationSpec } from "./spec.ts";
import { earlyBinds, userMountOp } from "./user-mounts.ts";

/** Stage parent, after the id maps. */
export function childMountOps(spec: IsolationSpec): PlannedOp[] {
  const { user } = spec.namespaces;
  if (!user?.idMapped) return [];
  const root = { uid: hostId(user.uidMap), gid: hostId(user.gidMap) };
  return [
    ...planned("parent", "rootfs", { op: "enter_child_mounts", ...root }, ...rootOps(spec)),
    ...planned("parent", "mounts", ...earlyBinds(spec).map(userMountOp)),
    ...planned("parent", "rootfs", { op: "leave_child_mounts" }),
  ];
}

/** The host's id of root inside. Throws Error if root is not mapped. */
export function hostId(maps: readonly IdMap[]): number {
  const map = maps.find(({ containerId }) => containerId === 0);
  if (!map) throw new Error("the user namespace has no root");
  return map.hostId;
}
