import type { Processes } from "../../engine/ports.ts";
import { type ProcessStat, parseProcessStat } from "../../kernel/proc-stat.ts";
import { readIfAlive } from "./read-proc.ts";

/** The host's processes as /proc shows them. */
export function createProcesses(): Processes {
  return {
    async identify(pid) {
      const stat = await statOf(pid);
      return stat && { pid, startTime: stat.startTime };
    },
    async isAlive({ pid, startTime }) {
      const stat = await statOf(pid);
      // A zombie runs no more; another start time is another process that got the number.
      return stat !== undefined && stat.startTime === startTime && !"ZX".includes(stat.state);
    },
  };
}

async function statOf(pid: number): Promise<ProcessStat | undefined> {
  const text = await readIfAlive(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseProcessStat(text);
}
