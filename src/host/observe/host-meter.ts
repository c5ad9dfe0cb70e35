import { loadavg, totalmem } from "node:os";
import type { HostCpu, HostMeter, NetworkCounters } from "../../engine/ports.ts";
import { meminfoBytes, netDevLines, parseNetDevLine } from "../../kernel/proc-host.ts";
import { parseHostStat, userHz } from "../../kernel/proc-stat.ts";
import { pressureOf } from "../cgroup/pressure.ts";
import { readNow } from "../cgroup/reader.ts";

const nanosecondsPerTick = 1e9 / userHz;

/** The host as /proc shows it, read by the thread that asks: see cgroup/reader.ts. */
export function createHostMeter(): HostMeter {
  // It changes where memory is plugged in, which is seen with the next sample of the host.
  let memoryTotal = totalmem();
  const interfaces = createInterfaces();
  const cpu = (): HostCpu => {
    const { totalTicks, idleTicks, onlineCpus } = parseHostStat(readNow("/proc/stat") ?? "");
    return { total: totalTicks * nanosecondsPerTick, idle: idleTicks * nanosecondsPerTick, online: onlineCpus };
  };
  return {
    cpu,
    now() {
      const text = readNow("/proc/meminfo") ?? "";
      memoryTotal = meminfoBytes(text, "MemTotal") ?? memoryTotal;
      const available = meminfoBytes(text, "MemAvailable") ?? 0;
      const [one = 0, five = 0, fifteen = 0] = loadavg();
      const pressure = pressureOf((_, file) => readNow(`/proc/pressure/${file.replace(".pressure", "")}`));
      return {
        cpu: cpu(),
        memory: { total: memoryTotal, available },
        load: [one, five, fifteen],
        ...(pressure && { pressure }),
      };
    },
    interfaces: () => interfaces(readNow("/proc/net/dev") ?? ""),
    networkCounters: (pid) => createInterfaces()(readNow(`/proc/${pid}/net/dev`) ?? ""),
    memory: () => memoryTotal,
  };
}

/** A line that has not changed is not taken apart again: its counters are the same object as before. */
function createInterfaces(): (text: string) => Record<string, NetworkCounters> {
  let known = new Map<string, { name: string; counters: NetworkCounters }>();
  return (text) => {
    const now: typeof known = new Map();
    const found: Record<string, NetworkCounters> = {};
    for (const line of netDevLines(text)) {
      const one = known.get(line) ?? countersOf(line);
      if (one.name === "lo") continue;
      now.set(line, one);
      found[one.name] = one.counters;
    }
    known = now;
    return found;
  };
}

function countersOf(line: string): { name: string; counters: NetworkCounters } {
  const { name, counters } = parseNetDevLine(line);
  return {
    name,
    counters: {
      rx_bytes: counters.rxBytes,
      rx_packets: counters.rxPackets,
      rx_errors: counters.rxErrors,
      rx_dropped: counters.rxDropped,
      tx_bytes: counters.txBytes,
      tx_packets: counters.txPackets,
      tx_errors: counters.txErrors,
      tx_dropped: counters.txDropped,
    },
  };
}
