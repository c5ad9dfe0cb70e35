/** CLONE_NEW* flags of clone(2), unshare(2) and setns(2) (linux/sched.h; namespaces(7)). */

export const CLONE_NEWNS = 0x00020000;
export const CLONE_NEWCGROUP = 0x02000000;
export const CLONE_NEWUTS = 0x04000000;
export const CLONE_NEWIPC = 0x08000000;
export const CLONE_NEWUSER = 0x10000000;
export const CLONE_NEWPID = 0x20000000;
export const CLONE_NEWNET = 0x40000000;

/** Flag of each namespace by the name of its link in /proc/PID/ns. */
export const namespaceFlags = {
  user: CLONE_NEWUSER,
  mnt: CLONE_NEWNS,
  pid: CLONE_NEWPID,
  uts: CLONE_NEWUTS,
  ipc: CLONE_NEWIPC,
  net: CLONE_NEWNET,
  cgroup: CLONE_NEWCGROUP,
} as const;
export type NamespaceName = keyof typeof namespaceFlags;

/** Names of the namespaces in a flag word, in the order of the table. */
export function namespaceNames(flags: number): NamespaceName[] {
  return (Object.keys(namespaceFlags) as NamespaceName[]).filter((name) => flags & namespaceFlags[name]);
}
