import type { CgroupSample } from "../../engine/ports.ts";
import type { CgroupLayout } from "../../isolation/spec.ts";
import { keyedNumbers, readIfThere } from "./files.ts";

type LayoutV1 = Extract<CgroupLayout, { version: "v1" }>;

/** @returns undefined when the cgroup is gone; what a missing controller would tell is 0 or left out. */
export async function sampleV1(layout: LayoutV1, path: string, readAt: string): Promise<CgroupSample | undefined> {
  const read = async (controller: string, file: string): Promise<string> => {
    const hierarchy = layout.hierarchies.find(({ controllers }) => controllers.includes(controller));
    return (hierarchy && (await readIfThere(`${hierarchy.mountpoint}${path}/${controller}.${file}`))) ?? "";
  };
  const number = async (controller: string, file: string) => Number((await read(controller, file)).trim());
  const [usage, user, system, perCpu, cpuStat] = await Promise.all([
    read("cpuacct", "usage"),
    number("cpuacct", "usage_user"),
    number("cpuacct", "usage_sys"),
    read("cpuacct", "usage_percpu"),
    read("cpu", "stat"),
  ]);
  const [memoryUsage, maxUsage, limit, failcnt, memoryStat] = await Promise.all([
    read("memory", "usage_in_bytes"),
    number("memory", "max_usage_in_bytes"),
    number("memory", "limit_in_bytes"),
    number("memory", "failcnt"),
    read("memory", "stat"),
  ]);
  const [current, max, bytes, ios] = await Promise.all([
    number("pids", "current"),
    read("pids", "max"),
    read("blkio", "throttle.io_service_bytes_recursive"),
    read("blkio", "throttle.io_serviced_recursive"),
  ]);
  if (usage === "" && memoryUsage === "" && max === "") return undefined;
  const throttling = keyedNumbers(cpuStat);
  return {
    readAt,
    cpu: {
      total: Number(usage),
      user,
      system,
      perCpu: perCpu.trim().split(" ").map(Number),
      periods: throttling.nr_periods ?? 0,
      throttledPeriods: throttling.nr_throttled ?? 0,
      throttledTime: throttling.throttled_time ?? 0,
    },
    memory: { usage: Number(memoryUsage), maxUsage, limit, failcnt, stats: keyedNumbers(memoryStat) },
    pids: { current, ...(/^\d/.test(max) && { limit: Number(max) }) },
    blkio: mergeBlkio(bytes, ios),
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
