import type { CgroupSample } from "../../engine/ports.ts";
import { keyedNumbers } from "./files.ts";
import { pressureOf } from "./pressure.ts";
import type { Read } from "./reader.ts";

/** @returns undefined when the cgroup is gone; what a missing controller would tell is 0 or left out. */
export function sampleV2(readFile: Read): CgroupSample | undefined {
  const read = (file: string) => readFile("", file);
  const cpuText = read("cpu.stat");
  // Every v2 cgroup has cpu.stat, with or without the cpu controller.
  if (cpuText === undefined) return undefined;
  const cpu = keyedNumbers(cpuText);
  const nanoseconds = (key: string) => (cpu[key] ?? 0) * 1000;
  const peak = read("memory.peak");
  const pidsMax = numberOrNone(read("pids.max"));
  const events = keyedNumbers(read("memory.events") ?? "");
  const pressure = pressureOf(readFile);
  return {
    cpu: {
      total: nanoseconds("usage_usec"),
      user: nanoseconds("user_usec"),
      system: nanoseconds("system_usec"),
      periods: cpu.nr_periods ?? 0,
      throttledPeriods: cpu.nr_throttled ?? 0,
      throttledTime: nanoseconds("throttled_usec"),
    },
    memory: {
      usage: Number(read("memory.current") ?? 0),
      // memory.peak came with Linux 5.19.
      ...(peak !== undefined && { maxUsage: Number(peak) }),
      limit: numberOrNone(read("memory.max")) ?? Number.MAX_SAFE_INTEGER,
      failcnt: events.max ?? 0,
      ...(events.oom_kill !== undefined && { oomKills: events.oom_kill }),
      stats: keyedNumbers(read("memory.stat") ?? ""),
    },
    pids: { current: Number(read("pids.current") ?? 0), ...(pidsMax !== undefined && { limit: pidsMax }) },
    blkio: parseIoStat(read("io.stat") ?? ""),
    ...(pressure && { pressure }),
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
