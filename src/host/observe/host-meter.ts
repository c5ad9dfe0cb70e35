import { loadavg, totalmem } from "node:os";
import type { HostCpu, HostMeter, NetworkCounters } from "../../engine/ports.ts";
import { parseMeminfo, parseNetDev } from "../../kernel/proc-host.ts";
import { parseHostStat, userHz } from "../../kernel/proc-stat.ts";
import { pressureOf } from "../cgroup/pressure.ts";
import { readNow } from "../cgroup/reader.ts";

const nanosecondsPerTick = 1e9 / userHz;

/** The host as /proc shows it, read by the thread that asks: see cgroup/reader.ts. */
export function createHostMeter(): HostMeter {
  const cpu = (): HostCpu => {
    const { totalTicks, idleTicks, onlineCpus } = parseHostStat(readNow("/proc/stat") ?? "");
    return { total: totalTicks * nanosecondsPerTick, idle: idleTicks * nanosecondsPerTick, online: onlineCpus };
  };
  return {
    cpu,
    now() {
      const { MemTotal: total = totalmem(), MemAvailable: available = 0 } = parseMeminfo(
        readNow("/proc/meminfo") ?? "",
      );
      const [one = 0, five = 0, fifteen = 0] = loadavg();
      const pressure = pressureOf((_, file) => readNow(`/proc/pressure/${file.replace(".pressure", "")}`));
      return { cpu: cpu(), memory: { total, available }, load: [one, five, fifteen], ...(pressure && { pressure }) };
    },
    interfaces: () => countersIn(readNow("/proc/net/dev") ?? ""),
    networkCounters: (pid) => countersIn(readNow(`/proc/${pid}/net/dev`) ?? ""),
    memory: totalmem,
  };
}

function countersIn(text: string): Record<string, NetworkCounters> {
  const counted = Object.entries(parseNetDev(text)).filter(([name]) => name !== "lo");
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
}
