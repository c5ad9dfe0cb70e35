/** The cgroup tree with its numbers, v1's hierarchies laid over each other by path. */
import { readdir } from "node:fs/promises";
import type { CgroupLayout } from "../../isolation/spec.ts";
import type { CgroupNode, Pressure, PressureView } from "../../wire/glass.ts";
import { isErrno, keyedNumbers, readIfThere } from "../cgroup/files.ts";

/** v1's "no limit" is the largest number of pages; nothing real comes near. */
const NO_LIMIT = 2 ** 62;
/** Deeper trees than this are somebody's mistake. */
const DEEPEST = 12;

type Read = (controller: string, file: string) => Promise<string | undefined>;

/** Parents first, the root is "/". */
export async function cgroupNodes(layout: CgroupLayout): Promise<CgroupNode[]> {
  const paths = new Set<string>();
  await Promise.all(mountpoints(layout).map((mountpoint) => walk(mountpoint, "", 0, paths)));
  const nodes = await Promise.all([...paths].sort().map((path) => cgroupNode(layout, path)));
  const found = nodes.filter((node) => node !== undefined);
  // Each process stands in one cgroup of a hierarchy: those above hold it too.
  for (const node of found.toReversed()) {
    const above = found.find(({ path }) => path === parentOf(node.path));
    if (above !== undefined && node.path !== "/") above.processes += node.processes;
  }
  return found;
}

const parentOf = (path: string) => path.slice(0, path.lastIndexOf("/")) || "/";

function mountpoints(layout: CgroupLayout): string[] {
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

/** @returns undefined when the cgroup is gone. processes: those in it, without what is below */
export async function cgroupNode(layout: CgroupLayout, path: string): Promise<CgroupNode | undefined> {
  const directory = path === "/" ? "" : path;
  const read: Read = (controller, file) => {
    const mountpoint = mountpointOf(layout, controller);
    return mountpoint === undefined ? Promise.resolve(undefined) : readIfThere(`${mountpoint}${directory}/${file}`);
  };
  const numbers = layout.version === "v1" ? numbersV1 : numbersV2;
  const [processes, parts, pressure] = await Promise.all([
    processCount(layout, directory),
    numbers(read),
    pressureOf(read),
  ]);
  if (processes === undefined) return undefined;
  return { path, processes, ...parts, ...(pressure && { pressure }) };
}

/** controller "": what every v2 cgroup has. */
function mountpointOf(layout: CgroupLayout, controller: string): string | undefined {
  if (layout.version === "v2") return layout.mountpoint;
  if (controller === "") return layout.unified;
  return layout.hierarchies.find(({ controllers }) => controllers.includes(controller))?.mountpoint;
}

/** The largest of the hierarchies: one that stands only in some of them still counts. */
async function processCount(layout: CgroupLayout, directory: string): Promise<number | undefined> {
  const texts = await Promise.all(
    mountpoints(layout).map((mountpoint) => readIfThere(`${mountpoint}${directory}/cgroup.procs`)),
  );
  const counts = texts.flatMap((text) => (text === undefined ? [] : [text.split("\n").length - 1]));
  return counts.length === 0 ? undefined : Math.max(...counts);
}

const numberOf = (text: string | undefined) => (text !== undefined && /^-?\d/.test(text) ? Number(text) : undefined);
const limitOf = (text: string | undefined) => {
  const value = numberOf(text);
  return value === undefined || value >= NO_LIMIT || value < 0 ? undefined : value;
};
/** Only what is there. */
const some = <T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as never;

type Numbers = Pick<CgroupNode, "cpu" | "memory" | "pids" | "io">;

async function numbersV1(read: Read): Promise<Numbers> {
  const [cpuUsage, quota, period, cpuStat, usage, limit, peak, failures, control, stat, pids, pidsMax, io] =
    await Promise.all([
      read("cpuacct", "cpuacct.usage"),
      read("cpu", "cpu.cfs_quota_us"),
      read("cpu", "cpu.cfs_period_us"),
      read("cpu", "cpu.stat"),
      read("memory", "memory.usage_in_bytes"),
      read("memory", "memory.limit_in_bytes"),
      read("memory", "memory.max_usage_in_bytes"),
      read("memory", "memory.failcnt"),
      read("memory", "memory.oom_control"),
      read("memory", "memory.stat"),
      read("pids", "pids.current"),
      read("pids", "pids.max"),
      read("blkio", "blkio.throttle.io_service_bytes_recursive"),
    ]);
  const throttling = keyedNumbers(cpuStat ?? "");
  return {
    ...(cpuUsage !== undefined && {
      cpu: {
        usage: Number(cpuUsage),
        ...some({
          quota: limitOf(quota),
          period: numberOf(period),
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
          limit: limitOf(limit),
          peak: numberOf(peak),
          failures: numberOf(failures),
          oomKills: keyedNumbers(control ?? "").oom_kill,
          inactiveFile: keyedNumbers(stat ?? "").total_inactive_file,
        }),
      },
    }),
    ...(pids !== undefined && { pids: { current: Number(pids), ...some({ limit: limitOf(pidsMax) }) } }),
    ...(io !== undefined && {
      io: { read: sumOf(io, /^\d+:\d+ Read (\d+)$/gm), written: sumOf(io, /^\d+:\d+ Write (\d+)$/gm) },
    }),
  };
}

async function numbersV2(read: Read): Promise<Numbers> {
  const [cpuStat, max, usage, limit, peak, events, stat, pids, pidsMax, io] = await Promise.all([
    read("", "cpu.stat"),
    read("", "cpu.max"),
    read("", "memory.current"),
    read("", "memory.max"),
    read("", "memory.peak"),
    read("", "memory.events"),
    read("", "memory.stat"),
    read("", "pids.current"),
    read("", "pids.max"),
    read("", "io.stat"),
  ]);
  const cpu = keyedNumbers(cpuStat ?? "");
  const [quota, period] = (max ?? "").trim().split(" ");
  const happened = keyedNumbers(events ?? "");
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
          limit: limitOf(limit),
          peak: numberOf(peak),
          failures: happened.max,
          oomKills: happened.oom_kill,
          inactiveFile: keyedNumbers(stat ?? "").inactive_file,
        }),
      },
    }),
    ...(pids !== undefined && { pids: { current: Number(pids), ...some({ limit: limitOf(pidsMax) }) } }),
    ...(io !== undefined && { io: { read: sumOf(io, /\brbytes=(\d+)/g), written: sumOf(io, /\bwbytes=(\d+)/g) } }),
  };
}

const sumOf = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].reduce((sum, match) => sum + Number(match[1]), 0);

/** Pressure is part of v2 itself, not of a controller: a hybrid host's unified hierarchy has it too. */
async function pressureOf(read: Read): Promise<CgroupNode["pressure"]> {
  const [cpu, memory, io] = await Promise.all(
    ["cpu", "memory", "io"].map((name) => read("", `${name}.pressure`).catch(() => undefined)),
  );
  if (cpu === undefined && memory === undefined && io === undefined) return undefined;
  return some({ cpu: parsePressure(cpu), memory: parsePressure(memory), io: parsePressure(io) });
}

/** "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" (Documentation/accounting/psi.rst). */
function parsePressure(text: string | undefined): PressureView | undefined {
  if (text === undefined) return undefined;
  const line = (word: string): Pressure | undefined => {
    const match = new RegExp(`^${word} avg10=(\\S+) avg60=(\\S+) avg300=(\\S+) total=(\\d+)`, "m").exec(text);
    return match
      ? { avg10: Number(match[1]), avg60: Number(match[2]), avg300: Number(match[3]), total: Number(match[4]) }
      : undefined;
  };
  return some({ some: line("some"), full: line("full") });
}
