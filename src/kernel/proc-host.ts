/** /proc/meminfo and /proc/PID/net/dev as text to numbers (proc_meminfo(5), proc_pid_net(5)). */

/** Values in bytes (the file's kB are 1024); counts such as HugePages_Total as they stand. */
export function parseMeminfo(text: string): Record<string, number> {
  const values: Record<string, number> = Object.create(null);
  for (const line of text.split("\n")) {
    const match = /^([^:]+):\s+(\d+)( kB)?/.exec(line);
    if (match?.[1]) values[match[1]] = Number(match[2]) * (match[3] ? 1024 : 1);
  }
  return values;
}

export type InterfaceCounters = {
  rxBytes: number;
  rxPackets: number;
  rxErrors: number;
  rxDropped: number;
  txBytes: number;
  txPackets: number;
  txErrors: number;
  txDropped: number;
};

/** Counters since the interface was made, by its name, loopback included. */
export function parseNetDev(text: string): Record<string, InterfaceCounters> {
  const interfaces: Record<string, InterfaceCounters> = Object.create(null);
  for (const line of text.split("\n")) {
    // A wide counter follows the colon without a space; the two header lines have no colon.
    const colon = line.lastIndexOf(":");
    if (colon < 0) continue;
    const values = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    const at = (index: number) => values[index] ?? 0;
    interfaces[line.slice(0, colon).trim()] = {
      rxBytes: at(0),
      rxPackets: at(1),
      rxErrors: at(2),
      rxDropped: at(3),
      txBytes: at(8),
      txPackets: at(9),
      txErrors: at(10),
      txDropped: at(11),
    };
  }
  return interfaces;
}
