/** What is mounted in the root: the file systems that every container has, then what the user asked for. */
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_STRICTATIME } from "../kernel/mount-flags.ts";
import { cgroupMountOps } from "./cgroup-mounts.ts";
import { ttyGroup } from "./defaults.ts";
import { deviceOps } from "./devices.ts";
import { planned } from "./op.ts";
import type { Op, PlannedOp } from "./plan.ts";
import { joined, type Slots } from "./processes.ts";
import type { IsolationSpec, MountSpec } from "./spec.ts";
import { bindTree, byDepth, earlyBinds, userMountOp } from "./user-mounts.ts";

/** Stage container, after open_root and after the namespaces are complete: proc, sysfs and mqueue show those of their mounter. */
export function mountOps(spec: IsolationSpec, slots: Slots): PlannedOp[] {
  const ours = new Map(defaultMounts(spec, slots).map(({ target, ops }) => [target, ops]));
  const early = new Set(earlyBinds(spec));
  const theirs = new Map(spec.mounts.map((mount) => [mount.target, mount]));
  // A host's /dev comes with its own nodes, ptys and shm; a host's /sys with its cgroups.
  if (theirs.get("/dev")?.type === "bind")
    for (const target of ours.keys()) if (isBelow(target, "/dev")) ours.delete(target);
  if (theirs.get("/sys")?.type === "bind") ours.delete("/sys/fs/cgroup");
  return [
    // A user's mount on the place of one of ours stands in for it, at the same point of the order.
    ...[...ours].flatMap(([target, ops]) => {
      const mount = theirs.get(target);
      const chosen = mount ? userMounts([mount]) : ops;
      return target === "/dev" && mount?.type !== "bind" ? [...chosen, ...deviceOps(spec)] : chosen;
    }),
    ...userMounts(byDepth(spec.mounts.filter((mount) => !ours.has(mount.target) && !early.has(mount)))),
  ];
}

function userMounts(mounts: MountSpec[]): PlannedOp[] {
  return planned("container", "mounts", ...mounts.map(userMountOp));
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

type DefaultMount = { target: string; ops: PlannedOp[] };

/** In the order of mounting: /dev before what lies in it, /sys before its cgroups. */
function defaultMounts(spec: IsolationSpec, slots: Slots): DefaultMount[] {
  const one = (op: Op & { target: string }): DefaultMount => ({
    target: op.target,
    ops: planned("container", "mounts", op),
  });
  return [
    one(fileSystem("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)),
    one(fileSystem("tmpfs", "/dev", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k")),
    one(fileSystem("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, ptyOptions)),
    ...sharedMemory(spec, slots),
    one(fileSystem("mqueue", "/dev/mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC)),
    one(sysOp(spec)),
    { target: "/sys/fs/cgroup", ops: cgroupMountOps(spec) },
  ];
}

/** newinstance: ptys of our own, which the host does not see; ptmxmode: anybody may open one (Documentation/filesystems/devpts). */
const ptyOptions = `newinstance,ptmxmode=0666,mode=0620,gid=${ttyGroup}`;

function fileSystem(type: string, target: string, flags: number, data = "", source = type) {
  return { op: "mount", source, target, type, flags, data, create: true, optional: false } satisfies Op;
}

/** POSIX shared memory lives in a file system, not in the IPC namespace: who shares the one must share the other. */
function sharedMemory({ namespaces, shmSize }: IsolationSpec, slots: Slots): DefaultMount[] {
  const target = "/dev/shm";
  if (namespaces.ipc === "host") {
    return [{ target, ops: planned("container", "mounts", bindTree("/dev/shm", target)) }];
  }
  const owner = joined(namespaces.ipc);
  if (owner) {
    const op: Op = { op: "bind_process", slot: slots.of(owner), source: target, target };
    return [{ target, ops: planned("container", "mounts", op) }];
  }
  if (shmSize === 0) return [];
  const flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  const op = fileSystem("tmpfs", target, flags, `mode=1777,size=${shmSize}`, "shm");
  return [{ target, ops: planned("container", "mounts", op) }];
}

/** sysfs shows the network namespace of its mounter; to mount it takes power over that namespace (sysfs(5), user_namespaces(7)). */
function sysOp({ namespaces, privileged }: IsolationSpec) {
  if (namespaces.user && namespaces.net === "host")
    return bindTree("/sys", "/sys", ["ro", "nosuid", "nodev", "noexec"]);
  return fileSystem("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC | (privileged ? 0 : MS_RDONLY));
}
