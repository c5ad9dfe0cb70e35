import type { CgroupSample } from "../../engine/ports.ts";
import { keyedNumbers } from "./files.ts";
import { pressureOf } from "./pressure.ts";
import type { Read } from "./reader.ts";

/** @returns undefined when the cgroup is gone; what a missing controller would tell is 0 or left out. */
export function sampleV1(read: Read): CgroupSample | undefined {
  const text = (controller: string, file: string) => read(controller, `${controller}.${file}`) ?? "";
  const number = (controller: string, file: string) => Number(text(controller, file).trim());
  const usage = text("cpuacct", "usage");
  const memoryUsage = text("memory", "usage_in_bytes");
  const max = text("pids", "max");
  if (usage === "" && memoryUsage === "" && max === "") return undefined;
  const throttling = keyedNumbers(text("cpu", "stat"));
  const oomKills = keyedNumbers(text("memory", "oom_control")).oom_kill;
  const pressure = pressureOf(read);
  return {
    cpu: {
      total: Number(usage),
      user: number("cpuacct", "usage_user"),
      system: number("cpuacct", "usage_sys"),
      perCpu: text("cpuacct", "usage_percpu").trim().split(" ").map(Number),
      periods: throttling.nr_periods ?? 0,
      throttledPeriods: throttling.nr_throttled ?? 0,
      throttledTime: throttling.throttled_time ?? 0,
    },
    memory: {
      usage: Number(memoryUsage),
      maxUsage: number("memory", "max_usage_in_bytes"),
      limit: number("memory", "limit_in_bytes"),
      failcnt: number("memory", "failcnt"),
      ...(oomKills !== undefined && { oomKills }),
      stats: keyedNumbers(text("memory", "stat")),
    },
    pids: { current: number("pids", "current"), ...(/^\d/.test(max) && { limit: Number(max) }) },
    blkio: mergeBlkio(
      text("blkio", "throttle.io_service_bytes_recursive"),
      text("blkio", "throttle.io_serviced_recursive"),
    ),
    ...(pressure && { pressure }),
  };
}

/** Lines "8:0 Read 4096" of both files to one entry per device and operation; the "Total" of all devices has no device. */
function mergeBlkio(bytesText: string, iosText: string): CgroupSample["blkio"] {
  const lines = (text: string) =>
    text.split("\n").flatMap((line) => {
      const match = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line);
      return match
        ? [{ major: Number(match[1]), minor: Number(match[2]), op: match[3] ?? "", value: Number(match[4]) }]
        : [];
    });
  const ios = lines(iosText);
  return lines(bytesText).map(({ major, minor, op, value }) => ({
    op,
    major,
    minor,
    bytes: value,
    ios: ios.find((other) => other.major === major && other.minor === minor && other.op === op)?.value ?? 0,
  }));
}
