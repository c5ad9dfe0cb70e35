import type { CgroupSample } from "../../engine/ports.ts";
import type { CgroupLayout } from "../../isolation/spec.ts";
import { keyedNumbers, readIfThere } from "./files.ts";

/** @returns undefined when the cgroup is gone; what a missing controller would tell is 0 or left out. */
export async function sampleV2(
  { mountpoint }: Extract<CgroupLayout, { version: "v2" }>,
  path: string,
  readAt: string,
): Promise<CgroupSample | undefined> {
  const read = (file: string) => readIfThere(`${mountpoint}${path}/${file}`);
  const [cpuText, usage, peak, max, events, memoryStat, pids, pidsMax, io] = await Promise.all([
    read("cpu.stat"),
    read("memory.current"),
    read("memory.peak"),
    read("memory.max"),
    read("memory.events"),
    read("memory.stat"),
    read("pids.current"),
    read("pids.max"),
    read("io.stat"),
  ]);
  // Every v2 cgroup has cpu.stat, with or without the cpu controller.
  if (cpuText === undefined) return undefined;
  const cpu = keyedNumbers(cpuText);
  const nanoseconds = (key: string) => (cpu[key] ?? 0) * 1000;
  return {
    readAt,
    cpu: {
      total: nanoseconds("usage_usec"),
      user: nanoseconds("user_usec"),
      system: nanoseconds("system_usec"),
      periods: cpu.nr_periods ?? 0,
      throttledPeriods: cpu.nr_throttled ?? 0,
      throttledTime: nanoseconds("throttled_usec"),
    },
    memory: {
      usage: Number(usage ?? 0),
      // memory.peak came with Linux 5.19.
      ...(peak !== undefined && { maxUsage: Number(peak) }),
      limit: numberOrNone(max) ?? Number.MAX_SAFE_INTEGER,
      failcnt: keyedNumbers(events ?? "").max ?? 0,
      stats: keyedNumbers(memoryStat ?? ""),
    },
    pids: { current: Number(pids ?? 0), ...(numberOrNone(pidsMax) !== undefined && { limit: Number(pidsMax) }) },
    blkio: parseIoStat(io ?? ""),
  };
}

function numberOrNone(text: string | undefined): number | undefined {
  return text !== undefined && /^\d/.test(text) ? Number(text) : undefined;
}

/** "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6" to the entries that v1 has. */
function parseIoStat(text: string): CgroupSample["blkio"] {
  return text.split("\n").flatMap((line) => {
    const match = /^(\d+):(\d+) (.+)$/.exec(line);
    if (!match) return [];
    const values = Object.fromEntries((match[3] ?? "").split(" ").map((pair) => pair.split("=")));
    const entry = (op: string, letter: string) => ({
      op,
      major: Number(match[1]),
      minor: Number(match[2]),
      bytes: Number(values[`${letter}bytes`] ?? 0),
      ios: Number(values[`${letter}ios`] ?? 0),
    });
    return [entry("Read", "r"), entry("Write", "w"), entry("Discard", "d")];
  });
}
