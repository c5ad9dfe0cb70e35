/** ExecSpec -> Plan: one more process in a running container (nsenter(1) with the container's own rules). */
import { type NamespaceName, namespaceFlags } from "../kernel/namespaces.ts";
import { cgroupJoinOps } from "./cgroups/index.ts";
import { executeOps, settleOps } from "./execute.ts";
import { identityOps, namespaceRootOps } from "./identity-ops.ts";
import { limitOps, oomScoreOps } from "./limits.ts";
import { monitorExitOps, monitorOps } from "./monitor.ts";
import { planned } from "./op.ts";
import type { Plan } from "./plan.ts";
import { allows } from "./seccomp/index.ts";
import type { ExecSpec, ProcessSpec } from "./spec.ts";
import { stdioOps } from "./stdio.ts";

/** The container's process is the only one that an exec refers to. */
const slot = 0;

/** @throws Error when the spec holds what Linux has no word for. */
export function compileExec({ target, namespaces, cgroup, mayBeTraced, process, monitor }: ExecSpec): Plan {
  const heir = namespaces.pid && mayBeTraced && mayHandOver(process);
  const flags = namespaceBits(namespaces) | (heir ? namespaceFlags.pid : 0);
  const join = cgroupJoinOps(cgroup.layout, cgroup.path);
  return {
    version: 1,
    ops: [
      ...monitorOps(monitor, process),
      // A pidfd, with the start time checked: the PID may have become somebody else's since the engine looked.
      ...planned("launcher", "namespaces", { op: "open_process", slot, ...target }),
      // Moves children only. Ours is seen inside while it has all of root's power on the host, and who may trace could take
      // that: then it is an heir, without any, that is born there, but for a filter that forbids it.
      ...(namespaces.pid && !heir
        ? planned("launcher", "namespaces", { op: "setns", slot, flags: namespaceFlags.pid })
        : []),
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
      ...identityOps(process, heir ? planned("container", "namespaces", { op: "hand_over" }) : []),
      ...executeOps(process),

      ...monitorExitOps(monitor),
    ],
  };
}

/** CLONE_PARENT | CLONE_PARENT_SETTID | SIGCHLD */
const CLONE_ARGUMENTS = 0x108011;

/** A filter that comes before the power goes (identity-ops.ts) must let the process end and its heir begin. */
function mayHandOver({ seccomp, noNewPrivileges }: ProcessSpec): boolean {
  if (!seccomp || noNewPrivileges) return true;
  return (
    allows(seccomp.program, "clone", [CLONE_ARGUMENTS]) &&
    ["rt_sigaction", "ioctl", "setsid", "exit_group"].every((call) => allows(seccomp.program, call))
  );
}

const entered = ["user", "mnt", "uts", "ipc", "net", "cgroup"] as const satisfies NamespaceName[];

function namespaceBits(namespaces: ExecSpec["namespaces"]): number {
  return entered.filter((name) => namespaces[name]).reduce((bits, name) => bits | namespaceFlags[name], 0);
}
