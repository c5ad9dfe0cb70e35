/** Namespaces: made by clone(2), joined by setns(2), the cgroup one made last (namespaces(7)). */
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from "../kernel/namespaces.ts";
import { planned } from "./op.ts";
import type { Op, PlannedOp } from "./plan.ts";
import { joined, joinedFlags, type Slots } from "./processes.ts";
import type { IdMap, IsolationSpec, Namespaces } from "./spec.ts";

/** Stage launcher, last: enter a joined PID namespace, or have the child born in a joined user namespace, then make the child. */
export function cloneOps(namespaces: Namespaces, slots: Slots): PlannedOp[] {
  const ops: Op[] = [];
  const pid = joined(namespaces.pid);
  // setns(2) to a PID namespace moves not the caller but its later children: so before clone.
  const owner = namespaces.user?.of;
  if (owner) ops.push({ op: "child_setns", slot: slots.of(owner), flags: CLONE_NEWUSER | (pid ? CLONE_NEWPID : 0) });
  else if (pid) ops.push({ op: "setns", slot: slots.of(pid), flags: CLONE_NEWPID });
  ops.push({ op: "clone", flags: cloneFlags(namespaces) });
  return planned("launcher", "namespaces", ...ops);
}

function cloneFlags(namespaces: Namespaces): number {
  let flags = CLONE_NEWNS;
  if (namespaces.user && !namespaces.user.of) flags |= CLONE_NEWUSER;
  if (namespaces.pid === "new") flags |= CLONE_NEWPID;
  if (namespaces.uts === "new") flags |= CLONE_NEWUTS;
  if (namespaces.ipc === "new") flags |= CLONE_NEWIPC;
  if (namespaces.net === "new") flags |= CLONE_NEWNET;
  // Not CLONE_NEWCGROUP: its root is the cgroup one stands in, and the child has not joined its own yet.
  return flags;
}

/** Stage parent: say which host ids the user namespace's are; until then the child is nobody (user_namespaces(7)). */
export function idMapOps(namespaces: Namespaces): PlannedOp[] {
  if (!namespaces.user || namespaces.user.of) return [];
  return planned(
    "parent",
    "identity",
    { op: "write_child_proc", path: "uid_map", data: idMapText(namespaces.user.uidMap) },
    { op: "write_child_proc", path: "gid_map", data: idMapText(namespaces.user.gidMap) },
  );
}

function idMapText(maps: IdMap[]): string {
  return maps.map((map) => `${map.containerId} ${map.hostId} ${map.size}\n`).join("");
}

/** Stage container: a cgroup namespace rooted where we stand. */
export function cgroupNamespaceOps(namespaces: Namespaces): PlannedOp[] {
  if (namespaces.cgroup !== "new") return [];
  return planned("container", "namespaces", { op: "unshare", flags: CLONE_NEWCGROUP });
}

/** Stage container: enter other containers' network, IPC and UTS namespaces. */
export function joinOps(namespaces: Namespaces, slots: Slots): PlannedOp[] {
  const flags = [...joinedFlags(namespaces, slots)].sort(([a], [b]) => a - b);
  return flags.flatMap(([slot, bits]) => planned("container", "namespaces", { op: "setns", slot, flags: bits }));
}

/** Stage container: names, only in a UTS namespace of our own: in a shared one they would rename the others. */
export function hostnameOps({ namespaces, hostname, domainname }: IsolationSpec): PlannedOp[] {
  if (namespaces.uts !== "new") return [];
  const ops: Op[] = [];
  if (hostname !== "") ops.push({ op: "sethostname", name: hostname });
  if (domainname !== "") ops.push({ op: "setdomainname", name: domainname });
  return planned("container", "namespaces", ...ops);
}
