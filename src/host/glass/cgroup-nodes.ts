/** The cgroup tree with its numbers, v1's hierarchies laid over each other by path. */
import { readdir } from "node:fs/promises";
import type { CgroupLayout } from "../../isolation/spec.ts";
import { isErrno } from "../../lib/errno.ts";
import { mapInTurns } from "../../lib/in-turns.ts";
import type { CgroupNode } from "../../wire/glass.ts";
import { keyedNumbers, some } from "../cgroup/files.ts";
import { pressureOf } from "../cgroup/pressure.ts";
import { type Read, readNow, readOnce } from "../cgroup/reader.ts";

/** v1's "no limit" is the largest number of pages; nothing real comes near. */
const NO_LIMIT = 2 ** 62;
/** Deeper trees than this are somebody's mistake. */
const DEEPEST = 12;

/** Parents first, the root is "/". */
export async function cgroupNodes(layout: CgroupLayout): Promise<CgroupNode[]> {
  const paths = new Set<string>();
  await Promise.all(mountpoints(layout).map((mountpoint) => walk(mountpoint, "", 0, paths)));
  const nodes = await mapInTurns([...paths].sort(), (path) => cgroupNode(layout, path));
  return addUp(nodes.filter((node) => node !== undefined));
}

/** Processes of a cgroup and of those below it. */
export function addUp(found: CgroupNode[]): CgroupNode[] {
  const byPath = new Map(found.map((node) => [node.path, node]));
  // Each process stands in one cgroup of a hierarchy: those above hold it too.
  for (const node of found.toReversed()) {
    const above = byPath.get(parentOf(node.path));
    if (above !== undefined && node.path !== "/") above.processes += node.processes;
  }
  return found;
}

/** "/a/b" -> "/a" */
export const parentOf = (path: string) => path.slice(0, path.lastIndexOf("/")) || "/";

export function mountpoints(layout: CgroupLayout): string[] {
  if (layout.version === "v2") return [layout.mountpoint];
  const all = layout.hierarchies.map(({ mountpoint }) => mountpoint);
  return layout.unified === undefined ? all : [...all, layout.unified];
}

async function walk(mountpoint: string, path: string, depth: number, found: Set<string>): Promise<void> {
  found.add(path || "/");
  if (depth === DEEPEST) return;
  try {
    const entries = await readdir(mountpoint + path, { withFileTypes: true });
    const children = entries.filter((entry) => entry.isDirectory());
    await Promise.all(children.map(({ name }) => walk(mountpoint, `${path}/${name}`, depth + 1, found)));
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENODEV")) throw error;
  }
}

/**
 * @param known what is at hand: a reader, the number of processes in it
 * @returns undefined when the cgroup is gone. processes: those in it, without what is below
 */
export function cgroupNode(
  layout: CgroupLayout,
  path: string,
  known: { read?: Read; processes?: number | undefined } = {},
): CgroupNode | undefined {
  const { read = readOnce(layout, path), processes = processCount(layout, path) } = known;
  if (processes === undefined) return undefined;
  const pressure = pressureOf(read);
  return { path, processes, ...(layout.version === "v1" ? numbersV1 : numbersV2)(read), ...(pressure && { pressure }) };
}

/** The largest of the hierarchies: one that stands only in some of them still counts. */
function processCount(layout: CgroupLayout, path: string): number | undefined {
  const directory = path === "/" ? "" : path;
  const counts = mountpoints(layout).flatMap((mountpoint) => {
    const text = readNow(`${mountpoint}${directory}/cgroup.procs`);
    return text === undefined ? [] : [text.split("\n").length - 1];
  });
  return counts.length === 0 ? undefined : Math.max(...counts);
}

const numberOf = (text: string | undefined) => (text !== undefined && /^-?\d/.test(text) ? Number(text) : undefined);
const limitOf = (text: string | undefined) => {
  const value = numberOf(text);
  return value === undefined || value >= NO_LIMIT || value < 0 ? undefined : value;
};
type Numbers = Pick<CgroupNode, "cpu" | "memory" | "pids" | "io">;

function numbersV1(read: Read): Numbers {
  const cpuUsage = read("cpuacct", "cpuacct.usage");
  const throttling = keyedNumbers(read("cpu", "cpu.stat") ?? "");
  const usage = read("memory", "memory.usage_in_bytes");
  const pids = read("pids", "pids.current");
  const io = read("blkio", "blkio.throttle.io_service_bytes_recursive");
  return {
    ...(cpuUsage !== undefined && {
      cpu: {
        usage: Number(cpuUsage),
        ...some({
          quota: limitOf(read("cpu", "cpu.cfs_quota_us")),
          period: numberOf(read("cpu", "cpu.cfs_period_us")),
          periods: throttling.nr_periods,
          throttledPeriods: throttling.nr_throttled,
          throttled: throttling.throttled_time,
        }),
      },
    }),
    ...(usage !== undefined && {
      memory: {
        usage: Number(usage),
        ...some({
          limit: limitOf(read("memory", "memory.limit_in_bytes")),
          peak: numberOf(read("memory", "memory.max_usage_in_bytes")),
          failures: failuresV1(read),
          oomKills: keyedNumbers(read("memory", "memory.oom_control") ?? "").oom_kill,
          inactiveFile: keyedNumbers(read("memory", "memory.stat") ?? "").total_inactive_file,
        }),
      },
    }),
    ...(pids !== undefined && {
      pids: { current: Number(pids), ...some({ limit: limitOf(read("pids", "pids.max")) }) },
    }),
    ...(io !== undefined && {
      io: { read: sumOf(io, /^\d+:\d+ Read (\d+)$/gm), written: sumOf(io, /^\d+:\d+ Write (\d+)$/gm) },
    }),
  };
}

/** Where memory and memory with swap have the same limit, the kernel meets (and counts) the second one first. */
function failuresV1(read: Read): number | undefined {
  const failures = numberOf(read("memory", "memory.failcnt"));
  const withSwap = numberOf(read("memory", "memory.memsw.failcnt"));
  return failures === undefined ? withSwap : failures + (withSwap ?? 0);
}

function numbersV2(read: Read): Numbers {
  const cpuStat = read("", "cpu.stat");
  const usage = read("", "memory.current");
  const pids = read("", "pids.current");
  const io = read("", "io.stat");
  const cpu = keyedNumbers(cpuStat ?? "");
  const [quota, period] = (read("", "cpu.max") ?? "").trim().split(" ");
  const happened = keyedNumbers(read("", "memory.events") ?? "");
  const throttled = cpu.throttled_usec;
  return {
    ...(cpuStat !== undefined && {
      cpu: {
        usage: (cpu.usage_usec ?? 0) * 1000,
        ...some({
          quota: limitOf(quota),
          period: numberOf(period),
          periods: cpu.nr_periods,
          throttledPeriods: cpu.nr_throttled,
          throttled: throttled === undefined ? undefined : throttled * 1000,
        }),
      },
    }),
    ...(usage !== undefined && {
      memory: {
        usage: Number(usage),
        ...some({
          limit: limitOf(read("", "memory.max")),
          peak: numberOf(read("", "memory.peak")),
          failures: happened.max,
          oomKills: happened.oom_kill,
          inactiveFile: keyedNumbers(read("", "memory.stat") ?? "").inactive_file,
        }),
      },
    }),
    ...(pids !== undefined && { pids: { current: Number(pids), ...some({ limit: limitOf(read("", "pids.max")) }) } }),
    ...(io !== undefined && { io: { read: sumOf(io, /\brbytes=(\d+)/g), written: sumOf(io, /\bwbytes=(\d+)/g) } }),
  };
}

const sumOf = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].reduce((sum, match) => sum + Number(match[1]), 0);
