/** IsolationSpec -> Plan: the table of contents of a container. Each line is a file's part; the order is the point. */
import { cgroupExitOps, cgroupJoinOps, cgroupLimitOps } from "./cgroups/index.ts";
import { childMountOps } from "./child-mounts.ts";
import { executeOps, settleOps, workingDirectoryOps } from "./execute.ts";
import { identityOps, namespaceRootOps } from "./identity-ops.ts";
import { limitOps, oomScoreOps } from "./limits.ts";
import { monitorExitOps, monitorOps } from "./monitor.ts";
import { mountOps } from "./mounts.ts";
import { cgroupNamespaceOps, cloneOps, hostnameOps, idMapOps, joinOps } from "./namespaces.ts";
import { containerNetworkOps, hostNetworkOps } from "./network.ts";
import type { Plan, PlannedOp } from "./plan.ts";
import { slotsFor } from "./processes.ts";
import { maskOps, mtabOps, pivotOps, readonlyRootOps, rootfsOps } from "./rootfs.ts";
import type { IsolationSpec } from "./spec.ts";
import { stdioOps } from "./stdio.ts";
import { sysctlOps } from "./sysctls.ts";

/**
 * Pure: the same spec gives the same plan.
 * @throws Error when the spec holds what Linux has no word for (a capability, a ulimit, a sysctl, a mount option, a cgroup path).
 */
export function compile(spec: IsolationSpec): Plan {
  return { version: 1, ops: [...onHost(spec), ...inContainer(spec), ...atExit(spec)] };
}

/** Stages launcher and parent. */
function onHost(spec: IsolationSpec): PlannedOp[] {
  const slots = slotsFor(spec.namespaces);
  return [
    ...monitorOps(spec.monitor, spec.process),
    // Limits before anything joins: no process of the container ever runs without them.
    ...cgroupLimitOps(spec.cgroup),
    ...slots.open(),
    ...cgroupJoin(spec).launcher,
    ...cloneOps(spec.namespaces, slots),

    // -- the child waits ------------------------------------------------------------------------------------------
    ...idMapOps(spec.namespaces),
    ...childMountOps(spec),
    ...hostNetworkOps(spec),
    ...cgroupJoin(spec).parent,
  ];
}

/** Stage container. */
function inContainer(spec: IsolationSpec): PlannedOp[] {
  const { process, rootfs, namespaces } = spec;
  const slots = slotsFor(namespaces);
  return [
    // First: whatever the container costs from here on is its own.
    ...cgroupJoin(spec).container,
    // After the join: the namespace's root is where we stand now.
    ...cgroupNamespaceOps(namespaces),
    // As the host's user that we still are: root inside may not enter the directories above the root.
    ...(namespaces.user?.idMapped ? rootfsOps(spec) : []),
    ...(namespaces.user ? oomScoreOps(process) : []),
    ...(namespaces.user ? namespaceRootOps() : []),
    ...joinOps(namespaces, slots),
    ...hostnameOps(spec),
    ...containerNetworkOps(spec),
    // After the interfaces, which some are about; before the root is changed: through the host's /proc.
    ...sysctlOps(spec.sysctls),
    ...(namespaces.user ? [] : oomScoreOps(process)),

    // -- the root is built, seen by us alone ------------------------------------------------------------------------
    ...(namespaces.user?.idMapped ? [] : rootfsOps(spec)),
    ...mtabOps(),
    // After all namespaces: proc, sysfs, mqueue and cgroup show those of their mounter.
    ...mountOps(spec, slots),
    // After devpts and every mount that may cover /dev.
    ...stdioOps(process, { console: true }),
    // After the mounts, as it may lie in a volume; before the root turns read-only.
    ...workingDirectoryOps(process),
    // From here on nothing of the host has a name any more.
    ...pivotOps(),
    // After every mount: none may uncover what is masked.
    ...maskOps(spec.maskedPaths, spec.readonlyPaths),
    ...readonlyRootOps(rootfs),

    // -- the process gives its power away and goes --------------------------------------------------------------------
    // After the masks: a working directory entered before would lie beneath them.
    ...settleOps(process),
    ...limitOps(process),
    ...identityOps(process),
    ...executeOps(process),
  ];
}

/** Stage exit: the record is written by the monitor when these are through. */
function atExit(spec: IsolationSpec): PlannedOp[] {
  return [...cgroupExitOps(spec.cgroup.layout, spec.cgroup.path), ...monitorExitOps(spec.monitor)];
}

/** The child moves itself; in a user namespace it may not any more (cgroup files are the host root's), and the parent moves it. */
function cgroupJoin({ cgroup, namespaces }: IsolationSpec): Record<"launcher" | "parent" | "container", PlannedOp[]> {
  const { launcher, container } = cgroupJoinOps(cgroup.layout, cgroup.path);
  if (!namespaces.user) return { launcher, parent: [], container };
  return { launcher, parent: container.map((op) => ({ ...op, stage: "parent" })), container: [] };
}
