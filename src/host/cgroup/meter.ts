/**
 * A cgroup that is sampled again and again. Most containers rest most of the time: of one that has used no CPU since the last
 * look, not even a nanosecond, nothing else is read but once in a while; of one that has, what may have changed by that.
 */
import type { CgroupSample, Meter } from "../../engine/ports.ts";
import type { CgroupVersion } from "../../isolation/spec.ts";
import type { OpenCgroup, Read } from "./reader.ts";
import { sampleV1 } from "./sample-v1.ts";
import { sampleV2 } from "./sample-v2.ts";

/** Everything is read once in so many looks: others may take memory back, pressure fades, what was written goes to disk later. */
const EVERY = 10;

/** What tells whether there is something new. */
const TELLING: Record<CgroupVersion, { cpu: FileOf; memory: FileOf }> = {
  v1: { cpu: ["cpuacct", "cpuacct.usage"], memory: ["memory", "memory.usage_in_bytes"] },
  v2: { cpu: ["", "cpu.stat"], memory: ["", "memory.current"] },
};
type FileOf = [controller: string, file: string];

export function createMeter(cgroup: OpenCgroup, version: CgroupVersion, now: () => string): Meter {
  const telling = TELLING[version];
  const texts = new Map<string, string | undefined>();
  // Not all meters have their full look in the same second.
  let look = Math.floor(Math.random() * EVERY);
  let last: CgroupSample | undefined;

  const readKept: Read = (controller, file) => {
    const text = cgroup.read(controller, file);
    texts.set(file, text);
    return text;
  };
  const isNew = ([controller, file]: FileOf) => texts.get(file) !== readKept(controller, file);
  return {
    read() {
      const full = last === undefined || look++ % EVERY === 0;
      const used = isNew(telling.cpu);
      if (!full && last !== undefined && !used) return { ...last, readAt: now() };
      const moved = isNew(telling.memory);
      const read: Read = (controller, file) =>
        file === telling.cpu[1] || file === telling.memory[1] || (!full && !mayHaveChanged(file, moved))
          ? texts.get(file)
          : readKept(controller, file);
      last = version === "v1" ? sampleV1(read, now()) : sampleV2(read, now());
      return last;
    },
    everything() {
      last = undefined;
    },
    close: cgroup.close,
  };
}

/** Of a cgroup whose processes have run. */
function mayHaveChanged(file: string, memoryMoved: boolean): boolean {
  if (/^(memory\.limit_in_bytes|memory\.max|pids\.max)$/.test(file)) return false;
  if (/^memory\.(stat|max_usage_in_bytes|peak)$/.test(file)) return memoryMoved;
  return true;
}
