/** FilesSpec -> Plan: look into a container's root from inside its own mounts, with no program of its own. */
import { capabilityMask } from "../kernel/capabilities.ts";
import { CLONE_NEWNS, CLONE_NEWUSER } from "../kernel/namespaces.ts";
import { namespaceRootOps } from "./identity-ops.ts";
import { planned } from "./op.ts";
import type { Op, Plan, PlannedOp } from "./plan.ts";
import { pivotOps, readonlyRootOps, rootfsOps } from "./rootfs.ts";
import type { MountSpec, Namespaces, ProcessRef, RootfsSpec } from "./spec.ts";
import { byDepth, userMountOp } from "./user-mounts.ts";

/**
 * Whose files: a running container's, as its own mounts show them; a stopped one's; or a directory of the host's as a root.
 * userRoot: the host's ids of root in the user namespace that the process has of its own.
 */
export type FilesRoot =
  | { kind: "process"; process: ProcessRef; userRoot?: { uid: number; gid: number } }
  | { kind: "rootfs"; rootfs: RootfsSpec; mounts: MountSpec[] }
  | { kind: "directory"; path: string };

export type FilesRequest = Omit<Extract<Op, { op: "files" }>, "op" | "capabilities">;

/** What it takes to make and read any file, and no more: should a hostile root get the better of us, that is all it has won. */
const POWERS = ["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "MKNOD", "SETFCAP"];
/** overlayfs keeps what it knows of a layer in trusted.* attributes, which only CAP_SYS_ADMIN reads (xattr(7)). */
const LAYER_POWERS = ["DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "SYS_ADMIN"];

/** @param request.path in the root; its last component is a link's target for "write", else the link itself */
export function compileFiles(root: FilesRoot, request: FilesRequest): Plan {
  return {
    version: 1,
    ops: [
      ...planned(
        "launcher",
        "stdio",
        { op: "end_with_engine" },
        {
          op: "stdio",
          pty: false,
          rows: 0,
          cols: 0,
          stdin: false,
          stdinOnce: false,
          attached: false,
        },
        { op: "channel_stdio" },
        // Standard error is still a pipe.
        ...(root.kind === "process" && root.userRoot ? [{ op: "own_stdio" as const, ...root.userRoot }] : []),
      ),
      ...enterOps(root),
      ...planned("container", "exec", {
        op: "files",
        ...request,
        capabilities: String(capabilityMask(root.kind === "directory" ? LAYER_POWERS : POWERS)),
      }),
    ],
  };
}

function enterOps(root: FilesRoot): PlannedOp[] {
  const pipes = [
    ...planned("container", "stdio", { op: "pipes" }),
    ...planned("container", "mounts", { op: "own_proc" }),
  ];
  const clone = (flags: number) => planned("launcher", "namespaces", { op: "clone", flags });
  switch (root.kind) {
    case "process":
      return [
        ...planned("launcher", "namespaces", { op: "open_process", slot: 0, ...root.process }),
        ...clone(0),
        ...pipes,
        // Files have the owners that those inside know. Not its PID namespace: nobody in there shall see us.
        ...planned("container", "namespaces", {
          op: "setns",
          slot: 0,
          flags: CLONE_NEWNS | (root.userRoot ? CLONE_NEWUSER : 0),
        }),
        ...(root.userRoot ? namespaceRootOps() : []),
        // setns puts us at the namespace's true root; the container's may lie below it.
        ...planned("container", "rootfs", { op: "chroot_process", slot: 0 }),
      ];
    case "rootfs":
      return [...clone(CLONE_NEWNS), ...pipes, ...mountedRoot(root)];
    case "directory": {
      const source = { type: "directory", path: root.path } as const;
      const rootfs = { source, mountpoint: root.path, readonly: true };
      return [...clone(CLONE_NEWNS), ...pipes, ...mountedRoot({ rootfs, mounts: [] })];
    }
  }
}

/** Files belong to those inside: a user namespace, whose ids are others on the host, is not needed. */
const namespaces: Namespaces = { pid: "host", mnt: "new", uts: "host", ipc: "host", net: "host", cgroup: "host" };

/** As for a start, without what only a process needs. A tmpfs is empty while nothing runs. */
function mountedRoot({ rootfs, mounts }: { rootfs: RootfsSpec; mounts: MountSpec[] }): PlannedOp[] {
  const binds = byDepth(mounts)
    .filter((mount) => mount.type === "bind")
    .map((mount) => ({ ...mount, propagation: "rprivate" as const }));
  const spec = { rootfs, mounts: binds, namespaces };
  return [
    ...rootfsOps(spec),
    ...planned("container", "mounts", ...binds.map(userMountOp)),
    ...pivotOps(),
    ...readonlyRootOps(rootfs),
  ];
}
