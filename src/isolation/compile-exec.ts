/** ExecSpec -> Plan: one more process in a running container (nsenter(1) with the container's own rules). */
import { type NamespaceName, namespaceFlags } from "../kernel/namespaces.ts";
import { cgroupJoinOps } from "./cgroups/index.ts";
import { executeOps, settleOps } from "./execute.ts";
import { identityOps, namespaceRootOps } from "./identity-ops.ts";
import { limitOps, oomScoreOps } from "./limits.ts";
import { monitorExitOps, monitorOps } from "./monitor.ts";
import { planned } from "./op.ts";
import type { Plan } from "./plan.ts";
import type { ExecSpec } from "./spec.ts";
import { stdioOps } from "./stdio.ts";

/** The container's process is the only one that an exec refers to. */
const slot = 0;

/** @throws Error when the spec holds what Linux has no word for. */
export function compileExec({ target, namespaces, cgroup, process, monitor }: ExecSpec): Plan {
  const flags = namespaceBits(namespaces);
  const join = cgroupJoinOps(cgroup.layout, cgroup.path);
  return {
    version: 1,
    ops: [
      ...monitorOps(monitor, process),
      // A pidfd, with the start time checked: the PID may have become somebody else's since the engine looked.
      ...planned("launcher", "namespaces", { op: "open_process", slot, ...target }),
      // Moves our children only, so before clone.
      ...(namespaces.pid ? planned("launcher", "namespaces", { op: "setns", slot, flags: namespaceFlags.pid }) : []),
      ...join.launcher,
      ...planned("launcher", "namespaces", { op: "clone", flags: 0 }),

      // While the host's cgroup files are in sight and writable, and before the cgroup namespace.
      ...join.container,
      // Through the host's /proc.
      ...oomScoreOps(process),
      // All at once: the kernel enters the user namespace first, which gives the right to enter the others (setns(2)).
      ...(flags ? planned("container", "namespaces", { op: "setns", slot, flags }) : []),
      ...(namespaces.user ? namespaceRootOps() : []),
      // setns puts us at the mount namespace's true root; the container's is below it if it was made in a chroot.
      ...planned("container", "rootfs", { op: "chroot_process", slot }),
      ...stdioOps(process, { console: false }),
      ...settleOps(process),
      ...limitOps(process),
      ...identityOps(process),
      ...executeOps(process),

      ...monitorExitOps(monitor),
    ],
  };
}

const entered = ["user", "mnt", "uts", "ipc", "net", "cgroup"] as const satisfies NamespaceName[];

function namespaceBits(namespaces: ExecSpec["namespaces"]): number {
  return entered.filter((name) => namespaces[name]).reduce((bits, name) => bits | namespaceFlags[name], 0);
}
