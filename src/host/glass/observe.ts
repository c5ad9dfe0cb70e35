/** Processes with all that isolates them, from /proc alone (proc_pid_status(5), proc_pid_ns(5), namespaces(7)). */
import { readdir, readlink } from "node:fs/promises";
import type { IdRange, Observed } from "../../engine/glass/ports.ts";
import { parseIdLine, parseProcessStat, parseProcessStatus, userHz } from "../../kernel/proc-stat.ts";
import { NAMESPACES, type NamespaceKind } from "../../wire/glass.ts";
import { readIfAlive } from "../observe/read-proc.ts";

const PF_KTHREAD = 0x00200000;

/** @returns undefined when there is no such process. @throws EACCES when /proc may not be read */
export async function observe(pid: number): Promise<Observed | undefined> {
  const [statText, statusText] = await Promise.all(
    ["stat", "status"].map((name) => readIfAlive(`/proc/${pid}/${name}`)),
  );
  if (statText === undefined || statusText === undefined) return undefined;
  const stat = parseProcessStat(statText);
  const status = parseProcessStatus(statusText);
  const [cmdline, cgroups, uidMap, gidMap, namespaces] = await Promise.all([
    readIfAlive(`/proc/${pid}/cmdline`),
    readIfAlive(`/proc/${pid}/cgroup`),
    readIfAlive(`/proc/${pid}/uid_map`),
    readIfAlive(`/proc/${pid}/gid_map`),
    namespacesOf(pid),
  ]);
  const mask = (name: string) => BigInt(`0x${status[name] || "0"}`);
  return {
    pid,
    ppid: stat.ppid,
    pids: (status.NSpid ?? String(pid)).split(/\s+/).map(Number),
    command: cmdline ? cmdline.replace(/\0$/, "").replaceAll("\0", " ") : `[${stat.comm}]`,
    state: stat.state,
    uid: parseIdLine(status.Uid ?? "").real,
    gid: parseIdLine(status.Gid ?? "").real,
    uidMap: idRanges(uidMap ?? ""),
    gidMap: idRanges(gidMap ?? ""),
    namespaces,
    cgroups: cgroupLines(cgroups ?? ""),
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

/** All processes but the kernel's own threads, which no namespace or cgroup of anybody holds. */
export async function observeAll(): Promise<{ seen: Observed[]; unreadable: number }> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  let unreadable = 0;
  const seen: Observed[] = [];
  // In bundles: a thousand processes at once would take ten thousand descriptors.
  for (let start = 0; start < pids.length; start += 64) {
    const found = await Promise.all(
      pids.slice(start, start + 64).map(async (pid) => {
        try {
          return (await isKernelThread(pid)) ? undefined : await observe(pid);
        } catch {
          unreadable++;
          return undefined;
        }
      }),
    );
    for (const process of found) if (process !== undefined) seen.push(process);
  }
  return { seen, unreadable };
}

async function isKernelThread(pid: number): Promise<boolean> {
  const text = await readIfAlive(`/proc/${pid}/stat`);
  return text !== undefined && (parseProcessStat(text).flags & PF_KTHREAD) !== 0;
}

/** A process that is a zombie has no namespaces any more: the links are there and cannot be read. */
export async function namespacesOf(pid: number): Promise<Partial<Record<NamespaceKind, number>>> {
  const links = await Promise.all(
    NAMESPACES.map(async (kind) => {
      const text = await readlink(`/proc/${pid}/ns/${kind}`).catch(() => undefined);
      const inode = /\[(\d+)\]/.exec(text ?? "")?.[1];
      return inode === undefined ? [] : [[kind, Number(inode)] as const];
    }),
  );
  return Object.fromEntries(links.flat());
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
