/** Processes looked at each second: one small file of each is read, and everything only of those that have changed. */
import type { Observed, ProcessWatch } from "../../engine/glass/ports.ts";
import { mapInTurns } from "../../lib/in-turns.ts";
import { isKernelThread, observe, pidsNow, statNow } from "./observe.ts";

/** Everything of a process is read again once in so many looks: not all of its changes show in its stat file. */
const AGAIN = 10;

type Known = { startTime: number; comm: string; ppid: number; looks: number; observed: Observed | undefined };

export function watchProcesses(): ProcessWatch {
  const known = new Map<number, Known>();
  let looks = 0;
  let unreadable = 0;

  const look = (pid: number): Observed | undefined => {
    const before = known.get(pid);
    const turn = (looks + pid) % AGAIN === 0;
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
      // The second look is whole, too: the first may have met it halfway between fork and execve.
      if (same && before.looks > 1 && !turn) return before.observed;
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
  return identity(a) === identity(b);
}

function identity({ state: _s, threads: _t, memory: _m, cpuMilliseconds: _c, ...lasting }: Observed): string {
  return JSON.stringify(lasting, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}
