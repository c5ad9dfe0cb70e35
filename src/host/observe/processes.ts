import { readFile } from "node:fs/promises";
import { totalmem } from "node:os";
import type { NetworkCounters, Processes } from "../../engine/ports.ts";
import { parseNetDev } from "../../kernel/proc-host.ts";
import { type ProcessStat, parseHostStat, parseProcessStat, userHz } from "../../kernel/proc-stat.ts";
import { readIfAlive } from "./read-proc.ts";

const nanosecondsPerTick = 1e9 / userHz;

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
    async networkCounters(pid) {
      const interfaces = parseNetDev((await readIfAlive(`/proc/${pid}/net/dev`)) ?? "");
      const counted = Object.entries(interfaces).filter(([name]) => name !== "lo");
      return Object.fromEntries(
        counted.map(([name, counters]): [string, NetworkCounters] => [
          name,
          {
            rx_bytes: counters.rxBytes,
            rx_packets: counters.rxPackets,
            rx_errors: counters.rxErrors,
            rx_dropped: counters.rxDropped,
            tx_bytes: counters.txBytes,
            tx_packets: counters.txPackets,
            tx_errors: counters.txErrors,
            tx_dropped: counters.txDropped,
          },
        ]),
      );
    },
    async hostCpu() {
      const { totalTicks, onlineCpus } = parseHostStat(await readFile("/proc/stat", "utf8"));
      return { total: totalTicks * nanosecondsPerTick, online: onlineCpus };
    },
    hostMemory: totalmem,
  };
}

async function statOf(pid: number): Promise<ProcessStat | undefined> {
  const text = await readIfAlive(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseProcessStat(text);
}
