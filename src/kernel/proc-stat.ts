/** /proc/PID/stat, /proc/PID/status and /proc/stat as text to values (proc_pid_stat(5), proc_pid_status(5), proc_stat(5)). */

/** Ticks per second that /proc counts in: the kernel's ABI constant on x86 and ARM (sysconf(_SC_CLK_TCK)). */
export const userHz = 100;

/** Times in ticks (userHz a second), sizes as named. */
export type ProcessStat = {
  pid: number;
  /** At most 15 bytes, may hold spaces, parentheses and newlines. */
  comm: string;
  /** R, S, D, Z, T, t, X, I … */
  state: string;
  ppid: number;
  pgrp: number;
  session: number;
  /** dev_t of the controlling terminal, 0 without one. */
  ttyNumber: number;
  foregroundGroup: number;
  flags: number;
  minorFaults: number;
  majorFaults: number;
  userTime: number;
  systemTime: number;
  priority: number;
  nice: number;
  threads: number;
  /** Ticks after boot. */
  startTime: number;
  virtualBytes: number;
  residentPages: number;
  processor: number;
  realTimePriority: number;
  /** SCHED_* of sched(7). */
  policy: number;
};

/**
 * One line of /proc/PID/stat.
 * @throws Error when the text is no such line.
 */
export function parseProcessStat(text: string): ProcessStat {
  // comm is whatever the process calls itself: only the last ")" of the line surely ends it.
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  const rest = text
    .slice(close + 1)
    .trim()
    .split(/\s+/);
  if (open < 1 || close < open || rest.length < 39) throw new Error("not a /proc/PID/stat line");
  // Numbered as in the man page, where the state is field 3.
  const field = (number: number) => Number(rest[number - 3]);
  return {
    pid: Number(text.slice(0, open)),
    comm: text.slice(open + 1, close),
    state: rest[0] ?? "",
    ppid: field(4),
    pgrp: field(5),
    session: field(6),
    ttyNumber: field(7),
    foregroundGroup: field(8),
    flags: field(9),
    minorFaults: field(10),
    majorFaults: field(12),
    userTime: field(14),
    systemTime: field(15),
    priority: field(18),
    nice: field(19),
    threads: field(20),
    startTime: field(22),
    virtualBytes: field(23),
    residentPages: field(24),
    processor: field(39),
    realTimePriority: field(40),
    policy: field(41),
  };
}

/** "Name:\tvalue" lines of /proc/PID/status; the values as they stand, without the white space around. */
export function parseProcessStatus(text: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) values[line.slice(0, colon)] = line.slice(colon + 1).trim();
  }
  return values;
}

/** Real, effective, saved and file system id of a Uid: or Gid: value. */
export function parseIdLine(value: string): { real: number; effective: number; saved: number; fs: number } {
  const [real = 0, effective = 0, saved = 0, fs = 0] = value.split(/\s+/).map(Number);
  return { real, effective, saved, fs };
}

export type HostStat = {
  /** Ticks of all CPUs in user, nice, system, idle, iowait, irq and softirq, what docker counts (guest is in user already). */
  totalTicks: number;
  /** Of those, idle and iowait. */
  idleTicks: number;
  onlineCpus: number;
  /** Seconds since 1970 at which the host was started. */
  bootTime: number;
};

/** The lines of /proc/stat that stats and process start times need. */
export function parseHostStat(text: string): HostStat {
  const lines = text.split("\n");
  const cpu = lines.find((line) => line.startsWith("cpu ")) ?? "";
  const bootTime = lines.find((line) => line.startsWith("btime ")) ?? "";
  const ticks = cpu.trim().split(/\s+/).slice(1, 8).map(Number);
  return {
    totalTicks: ticks.reduce((sum, value) => sum + value, 0),
    idleTicks: (ticks[3] ?? 0) + (ticks[4] ?? 0),
    onlineCpus: lines.filter((line) => /^cpu\d/.test(line)).length,
    bootTime: Number(bootTime.slice("btime ".length)),
  };
}
