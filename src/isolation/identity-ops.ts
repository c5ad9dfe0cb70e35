/** Who the process is and what it may do: user, groups, capabilities, the system call filter (credentials(7), capabilities(7)). */
import { capabilityMask } from "../kernel/capabilities.ts";
import { planned } from "./op.ts";
import type { PlannedOp } from "./plan.ts";
import type { ProcessSpec } from "./spec.ts";

/** Stage container, in a new or joined user namespace, as soon as its ids are mapped: we are nobody until we say who. */
export function namespaceRootOps(): PlannedOp[] {
  return planned("container", "identity", { op: "set_user", uid: 0, gid: 0, groups: [] });
}

/**
 * Stage container, after the last thing that needs root: power is given away here, piece by piece, in runc's order.
 * @param powerless what shall happen as soon as all power is gone
 */
export function identityOps(process: ProcessSpec, powerless: PlannedOp[] = []): PlannedOp[] {
  const { uid, gid, groups, capabilities, noNewPrivileges } = process;
  const mask = (names: string[]) => capabilityMask(names).toString();
  return [
    ...(noNewPrivileges ? planned("container", "identity", { op: "no_new_privs" }) : []),
    // Without no_new_privs a filter takes CAP_SYS_ADMIN (seccomp(2)): so while we have it …
    ...(noNewPrivileges ? [] : seccompOps(process)),
    ...planned(
      "container",
      "identity",
      // The bounding set takes CAP_SETPCAP, setuid may take the capabilities: so first.
      { op: "cap_bounding", mask: mask(capabilities.bounding) },
      // Groups before user, and both while CAP_SETUID and CAP_SETGID are there; the others are kept over it for the next step.
      { op: "set_user", uid, gid, groups },
      {
        op: "capabilities",
        effective: mask(capabilities.effective),
        permitted: mask(capabilities.permitted),
        inheritable: mask(capabilities.inheritable),
        ambient: mask(capabilities.ambient),
      },
    ),
    ...powerless,
    // … and with it as late as can be: a filter that forbids the calls above hurts nobody then.
    ...(noNewPrivileges ? seccompOps(process) : []),
  ];
}

function seccompOps({ seccomp }: ProcessSpec): PlannedOp[] {
  return seccomp ? planned("container", "seccomp", { op: "seccomp", ...seccomp }) : [];
}
