/** /sys/fs/cgroup in the container: its own part of each hierarchy, read-only unless it is privileged (cgroups(7)). */
import { basename } from "node:path/posix";
import { MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REMOUNT } from "../kernel/mount-flags.ts";
import { planned } from "./op.ts";
import type { Op, PlannedOp } from "./plan.ts";
import type { CgroupLayout, IsolationSpec } from "./spec.ts";
import { bindTree } from "./user-mounts.ts";

const root = "/sys/fs/cgroup";
const flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

/** Stage container, after /sys, after the cgroups are joined and their namespace is made. */
export function cgroupMountOps({ cgroup, namespaces, privileged }: IsolationSpec): PlannedOp[] {
  const readonly = !privileged;
  const ops =
    cgroup.layout.version === "v2"
      ? [
          versionTwo(
            cgroup.layout.mountpoint + cgroup.path,
            namespaces.user !== undefined && namespaces.cgroup === "host",
            readonly,
          ),
        ]
      : versionOne(cgroup.layout, cgroup.path, namespaces.cgroup === "new", readonly);
  return planned("container", "mounts", ...ops);
}

/** @param bindOwn in a user namespace cgroup2 can be mounted only with a cgroup namespace: bind our own part then. */
function versionTwo(directory: string, bindOwn: boolean, readonly: boolean): Op {
  return bindOwn ? part(directory, root, readonly) : fileSystem("cgroup2", "cgroup", root, readonly, "");
}

type VersionOne = Extract<CgroupLayout, { version: "v1" }>;

/** A tmpfs with a directory per hierarchy, as on the host; read-only itself when all are in. */
function versionOne({ hierarchies }: VersionOne, path: string, ownNamespace: boolean, readonly: boolean): Op[] {
  const ops: Op[] = [fileSystem("tmpfs", "tmpfs", root, false, "mode=755")];
  for (const { controllers, mountpoint } of hierarchies) {
    const name = basename(mountpoint);
    const target = `${root}/${name}`;
    // With a cgroup namespace a new mount begins at its root; without, the mount would show the whole host.
    ops.push(
      ownNamespace
        ? fileSystem("cgroup", "cgroup", target, readonly, controllers.join(","))
        : part(mountpoint + path, target, readonly),
    );
    // Programs look for cpu and cpuacct by name also where the host mounts both as "cpu,cpuacct".
    for (const controller of controllers) {
      if (controller === name || controller.includes("=")) continue;
      ops.push({ op: "symlink", target: name, path: `${root}/${controller}` });
    }
  }
  if (readonly) ops.push({ ...fileSystem("", "", root, true, ""), flags: MS_REMOUNT | MS_BIND | MS_RDONLY | flags });
  return ops;
}

function fileSystem(type: string, source: string, target: string, readonly: boolean, data: string) {
  const all = flags | (readonly ? MS_RDONLY : 0);
  return { op: "mount", source, target, type, flags: all, data, create: true, optional: false } satisfies Op;
}

function part(directory: string, target: string, readonly: boolean): Op {
  return bindTree(directory, target, ["nosuid", "nodev", "noexec", ...(readonly ? ["ro"] : [])]);
}
