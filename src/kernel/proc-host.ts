/** /proc/meminfo and /proc/PID/net/dev as text to numbers (proc_meminfo(5), proc_pid_net(5)). */

/** @returns one of its sizes in bytes (the file's kB are 1024); undefined where this kernel does not tell it */
export function meminfoBytes(text: string, name: string): number | undefined {
  const line = text.startsWith(`${name}:`) ? 0 : text.indexOf(`\n${name}:`) + 1;
  if (line === 0 && !text.startsWith(`${name}:`)) return undefined;
  return Number.parseInt(text.slice(line + name.length + 1, line + name.length + 32), 10) * 1024;
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

/** The lines of interfaces, loopback included: the two of the header have no colon. */
export const netDevLines = (text: string): string[] => text.split("\n").filter((line) => line.includes(":"));

/** Counters since the interface was made. */
export function parseNetDevLine(line: string): { name: string; counters: InterfaceCounters } {
  // A wide counter follows the colon without a space; an alias has a colon in its name.
  const colon = line.lastIndexOf(":");
  const values = line
    .slice(colon + 1)
    .trim()
    .split(/\s+/)
    .map(Number);
  const at = (index: number) => values[index] ?? 0;
  return {
    name: line.slice(0, colon).trim(),
    counters: {
      rxBytes: at(0),
      rxPackets: at(1),
      rxErrors: at(2),
      rxDropped: at(3),
      txBytes: at(8),
      txPackets: at(9),
      txErrors: at(10),
      txDropped: at(11),
    },
  };
}
