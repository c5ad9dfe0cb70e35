/** What ps tells about processes, read from the host's /proc: nothing of a container's own files or programs is used. */

import { readdir, readFile } from "node:fs/promises";
import { meminfoBytes } from "../../kernel/proc-host.ts";
import {
  type ProcessStat,
  parseHostStat,
  parseIdLine,
  parseProcessStat,
  parseProcessStatus,
} from "../../kernel/proc-stat.ts";
import { readIfAlive } from "./read-proc.ts";

type Ids = ReturnType<typeof parseIdLine>;

/** One line of ps: a process, or one of its threads. */
export type PsProcess = {
  pid: number;
  /** pid for the process itself. */
  tid: number;
  /** Of the thread, where threads are listed. */
  stat: ProcessStat;
  uid: Ids;
  gid: Ids;
  threads: number;
  lockedMemory: boolean;
  /** From status: stat's count lags behind by what each CPU has not added up yet. */
  residentKilobytes: number;
  /** With NULs between the arguments; "" for kernel threads and zombies. */
  cmdline: string;
  /** Kernel function that it sleeps in; "0" if it runs or that is hidden. */
  waitChannel: string;
};

/** What is the same for all lines. */
export type PsHost = {
  /** Seconds since 1970. */
  now: number;
  bootTime: number;
  /** Seconds since the boot. */
  uptime: number;
  memoryTotal: number;
  userNames: ReadonlyMap<number, string>;
  groupNames: ReadonlyMap<number, string>;
};

/** @param threads a line per thread instead of per process. Processes that are gone are left out. */
export async function readProcesses(pids: readonly number[], threads: boolean): Promise<PsProcess[]> {
  const ordered = [...pids].sort((a, b) => a - b);
  const lines = await Promise.all(ordered.map(async (pid) => readLines(pid, threads ? await threadsOf(pid) : [pid])));
  return lines.flat();
}

async function threadsOf(pid: number): Promise<number[]> {
  const names = await readdir(`/proc/${pid}/task`).catch(() => []); // gone meanwhile
  return names.map(Number).sort((a, b) => a - b);
}

async function readLines(pid: number, tids: number[]): Promise<PsProcess[]> {
  const cmdline = await readIfAlive(`/proc/${pid}/cmdline`);
  if (cmdline === undefined) return [];
  const lines = await Promise.all(
    tids.map(async (tid): Promise<PsProcess[]> => {
      const directory = tids.length === 1 && tid === pid ? `/proc/${pid}` : `/proc/${pid}/task/${tid}`;
      const [stat, statusText, waitChannel] = await Promise.all(
        ["stat", "status", "wchan"].map((file) => readIfAlive(`${directory}/${file}`)),
      );
      if (stat === undefined || statusText === undefined) return [];
      const status = parseProcessStatus(statusText);
      return [
        {
          pid,
          tid,
          stat: parseProcessStat(stat),
          uid: parseIdLine(status.Uid ?? ""),
          gid: parseIdLine(status.Gid ?? ""),
          threads: Number(status.Threads ?? 1),
          lockedMemory: !/^0\b/.test(status.VmLck ?? "0"),
          residentKilobytes: Number.parseInt(status.VmRSS ?? "0", 10),
          cmdline,
          waitChannel: waitChannel ?? "0",
        },
      ];
    }),
  );
  return lines.flat();
}

export async function readHost(): Promise<PsHost> {
  const [stat, uptime, meminfo, passwd, group] = await Promise.all(
    ["/proc/stat", "/proc/uptime", "/proc/meminfo", "/etc/passwd", "/etc/group"].map((path) => readFile(path, "utf8")),
  );
  return {
    now: Date.now() / 1000,
    bootTime: parseHostStat(stat ?? "").bootTime,
    uptime: Number.parseFloat(uptime ?? ""),
    memoryTotal: meminfoBytes(meminfo ?? "", "MemTotal") ?? 0,
    userNames: namesById(passwd ?? ""),
    groupNames: namesById(group ?? ""),
  };
}

/** passwd(5) and group(5) both have the name first and the id third; the first line of an id names it. */
function namesById(text: string): Map<number, string> {
  const lines = text.split("\n").map((line) => line.split(":"));
  const named = lines.filter(([name, , id]) => name && id && /^\d+$/.test(id));
  return new Map(named.toReversed().map(([name = "", , id]) => [Number(id), name]));
}
