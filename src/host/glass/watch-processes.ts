/**
 * Processes looked at each second: the list of numbers tells who has come and gone; of those who stay, a third has its stat file
 * read, and few are read whole.
 */
import type { Observed, ProcessWatch } from "../../engine/glass/ports.ts";
import { mapInTurns } from "../../lib/in-turns.ts";
import { NAMESPACES } from "../../wire/glass.ts";
import { isKernelThread, observe, pidsNow, statNow } from "./observe.ts";

/** In how many looks everybody's stat file is read: an execve, and a number given to another process, show there. */
const CHECK_EVERY = 3;
/** In how many looks everything of a process is read again: not all of its changes show in its stat file. */
const AGAIN = 30;

type Known = { startTime: number; comm: string; ppid: number; looks: number; observed: Observed | undefined };

export function watchProcesses(): ProcessWatch {
  const known = new Map<number, Known>();
  let looks = 0;
  let unreadable = 0;

  const look = (pid: number): Observed | undefined => {
    const before = known.get(pid);
    const turn = (looks + pid) % AGAIN === 0;
    // Twice in any case: the first look may have met it halfway between fork and execve.
    if (before !== undefined && before.looks > 1 && !turn && (looks + pid) % CHECK_EVERY !== 0) return before.observed;
    // A kernel thread: there are many, and they hardly ever end.
    if (before !== undefined && before.observed === undefined && !turn) return undefined;
    try {
      const stat = statNow(pid);
      if (stat === undefined) {
        known.delete(pid);
        return undefined;
      }
      const same =
        before !== undefined &&
        before.startTime === stat.startTime &&
        before.comm === stat.comm &&
        before.ppid === stat.ppid;
      if (same && !turn) {
        before.looks++;
        return before.observed;
      }
      const fresh = isKernelThread(stat) ? undefined : observe(pid, stat);
      const observed = same && before.observed && fresh && alike(before.observed, fresh) ? before.observed : fresh;
      const { startTime, comm, ppid } = stat;
      known.set(pid, { startTime, comm, ppid, looks: same ? before.looks + 1 : 1, observed });
      return observed;
    } catch {
      unreadable++;
      return undefined;
    }
  };

  return {
    async look() {
      looks++;
      unreadable = 0;
      const pids = pidsNow();
      const found = await mapInTurns(pids, look);
      if (known.size > pids.length) {
        const there = new Set(pids);
        for (const pid of known.keys()) if (!there.has(pid)) known.delete(pid);
      }
      return { seen: found.filter((process) => process !== undefined), unreadable };
    },
  };
}

/** In all but what always changes. */
function alike(a: Observed, b: Observed): boolean {
  return (
    a.command === b.command &&
    a.ppid === b.ppid &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.pids.length === b.pids.length &&
    a.cgroups.length === b.cgroups.length &&
    a.cgroups.every(({ path }, at) => path === b.cgroups[at]?.path) &&
    NAMESPACES.every((kind) => a.namespaces[kind] === b.namespaces[kind]) &&
    a.capabilities.effective === b.capabilities.effective &&
    a.capabilities.bounding === b.capabilities.bounding &&
    a.seccomp === b.seccomp &&
    a.noNewPrivileges === b.noNewPrivileges &&
    a.uidMap.length === b.uidMap.length &&
    a.gidMap.length === b.gidMap.length
  );
}
