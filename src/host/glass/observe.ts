/** Processes with all that isolates them, from /proc alone (proc_pid_status(5), proc_pid_ns(5), namespaces(7)). */
import { readdirSync, readlinkSync } from "node:fs";
import type { IdRange, Observed } from "../../engine/glass/ports.ts";
import { type ProcessStat, parseIdLine, parseProcessStat, parseProcessStatus, userHz } from "../../kernel/proc-stat.ts";
import { mapInTurns } from "../../lib/in-turns.ts";
import { NAMESPACES, type NamespaceKind } from "../../wire/glass.ts";
import { readNow } from "../cgroup/reader.ts";

const PF_KTHREAD = 0x00200000;

/** The kernel's own threads are in no namespace or cgroup of anybody. */
export const isKernelThread = ({ flags }: ProcessStat) => (flags & PF_KTHREAD) !== 0;

/** All numbers in /proc. */
export const pidsNow = () => readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));

/** @returns undefined when there is no such process */
export function statNow(pid: number): ProcessStat | undefined {
  const text = readNow(`/proc/${pid}/stat`);
  return text === undefined || text === "" ? undefined : parseProcessStat(text);
}

/**
 * Blocks for some 150 µs.
 * @returns undefined when there is no such process. @throws EACCES when /proc may not be read
 */
export function observe(pid: number, stat: ProcessStat | undefined = statNow(pid)): Observed | undefined {
  const statusText = readNow(`/proc/${pid}/status`);
  if (stat === undefined || statusText === undefined) return undefined;
  const status = parseProcessStatus(statusText);
  const text = (name: string) => readNow(`/proc/${pid}/${name}`) ?? "";
  const cmdline = text("cmdline");
  const mask = (name: string) => BigInt(`0x${status[name] || "0"}`);
  return {
    pid,
    ppid: stat.ppid,
    pids: (status.NSpid ?? String(pid)).split(/\s+/).map(Number),
    command: cmdline ? cmdline.replace(/\0$/, "").replaceAll("\0", " ") : `[${stat.comm}]`,
    state: stat.state,
    uid: parseIdLine(status.Uid ?? "").real,
    gid: parseIdLine(status.Gid ?? "").real,
    uidMap: idRanges(text("uid_map")),
    gidMap: idRanges(text("gid_map")),
    namespaces: namespacesOf(pid),
    cgroups: cgroupLines(text("cgroup")),
    capabilities: {
      effective: mask("CapEff"),
      permitted: mask("CapPrm"),
      bounding: mask("CapBnd"),
      inheritable: mask("CapInh"),
      ambient: mask("CapAmb"),
    },
    seccomp: Number(status.Seccomp ?? 0),
    seccompFilters: Number(status.Seccomp_filters ?? 0),
    noNewPrivileges: status.NoNewPrivs === "1",
    threads: Number(status.Threads ?? 1),
    memory: Number.parseInt(status.VmRSS ?? "0", 10) * 1024,
    cpuMilliseconds: ((stat.userTime + stat.systemTime) * 1000) / userHz,
    startTime: stat.startTime,
  };
}

/** All processes but the kernel's own threads. */
export async function observeAll(): Promise<{ seen: Observed[]; unreadable: number }> {
  let unreadable = 0;
  const found = await mapInTurns(pidsNow(), (pid) => {
    try {
      const stat = statNow(pid);
      return stat === undefined || isKernelThread(stat) ? undefined : observe(pid, stat);
    } catch {
      unreadable++;
      return undefined;
    }
  });
  return { seen: found.filter((process) => process !== undefined), unreadable };
}

/** A process that is a zombie has no namespaces any more: the links are there and cannot be read. */
export function namespacesOf(pid: number): Partial<Record<NamespaceKind, number>> {
  const namespaces: Partial<Record<NamespaceKind, number>> = {};
  for (const kind of NAMESPACES) {
    try {
      const inode = /\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/${kind}`))?.[1];
      if (inode !== undefined) namespaces[kind] = Number(inode);
    } catch {
      // a kind that this kernel lacks, a zombie, or no permission: it is left out
    }
  }
  return namespaces;
}

function idRanges(text: string): IdRange[] {
  return text.split("\n").flatMap((line) => {
    const [inside, outside, size] = line.trim().split(/\s+/).map(Number);
    return inside === undefined || outside === undefined || size === undefined ? [] : [{ inside, outside, size }];
  });
}

/** Lines "4:memory:/docker/ID"; the path may hold colons. */
function cgroupLines(text: string): { controllers: string; path: string }[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    return match ? [{ controllers: match[1] ?? "", path: match[2] ?? "" }] : [];
  });
}
