/**
 * A cgroup that is sampled again and again. Most containers rest most of the time: of one that has used no CPU since the last
 * look, not even a nanosecond, nothing else is read but once in a while; of one that has, what may have changed by that.
 */
import type { CgroupLook, CgroupSample, Meter } from "../../engine/ports.ts";
import type { CgroupLayout, CgroupVersion } from "../../isolation/spec.ts";
import { type OpenCgroup, type Read, readOnce } from "./reader.ts";
import { keepTexts } from "./texts.ts";

/** Everything is read once in so many looks: others may take memory back, pressure fades, what was written goes to disk later. */
const EVERY = 10;

/** What tells whether there is something new. */
const TELLING: Record<CgroupVersion, { cpu: FileOf; memory: FileOf }> = {
  v1: { cpu: ["cpuacct", "cpuacct.usage"], memory: ["memory", "memory.usage_in_bytes"] },
  v2: { cpu: ["", "cpu.stat"], memory: ["", "memory.current"] },
};
type FileOf = [controller: string, file: string];

/** Files that do not change by what the processes of a cgroup do, and those that change with memory only. */
const WRITTEN_BY_OTHERS = new Set(["memory.limit_in_bytes", "memory.max", "pids.max"]);
const MOVES_WITH_MEMORY = new Set(["memory.stat", "memory.max_usage_in_bytes", "memory.peak"]);

/** CPU time is also counted for all cgroups above: where one above has not moved, none below it has. */
export function createLook(layout: CgroupLayout): CgroupLook {
  const texts = new Map<string, string | undefined>();
  return {
    usage(path) {
      if (!texts.has(path)) texts.set(path, readOnce(layout, path)(...TELLING[layout.version].cpu));
      return texts.get(path);
    },
  };
}

/** @param sampleOf makes a sample of the files' texts; undefined when the cgroup is gone */
export function createMeter({
  path,
  cgroup,
  version,
  sampleOf,
}: {
  path: string;
  cgroup: OpenCgroup;
  version: CgroupVersion;
  sampleOf: (read: Read) => CgroupSample | undefined;
}): Meter {
  const telling = TELLING[version];
  const parent = path.slice(0, path.lastIndexOf("/")) || "/";
  const texts = keepTexts(cgroup);
  // Not all meters have their full look in the same second.
  let turn = Math.floor(Math.random() * EVERY);
  let last: CgroupSample | undefined;
  /** The parent's, as of a moment before the last look at this one. */
  let above: string | undefined;

  const hasRun = (look: CgroupLook | undefined): boolean => {
    const usage = look?.usage(parent);
    if (usage !== undefined && usage === above) return false;
    above = usage;
    return texts.again(...telling.cpu);
  };
  return {
    read(look) {
      const first = last === undefined;
      const due = first || turn++ % EVERY === 0;
      if (first) texts.forget();
      let changed = hasRun(look);
      if (!due && !changed) return last;
      const moved = texts.again(...telling.memory);
      changed ||= moved;
      const gone = texts.read(...telling.cpu) === undefined && texts.read(...telling.memory) === undefined;
      const full = due || gone;
      const wanted = (file: string) =>
        file !== telling.cpu[1] && file !== telling.memory[1] && (full || mayHaveChanged(file, moved));
      changed = texts.allAgain(wanted) || changed;
      // Where every text is as it was, so is what is made of them.
      if (changed || first) last = sampleOf(texts.read);
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
  return MOVES_WITH_MEMORY.has(file) ? memoryMoved : !WRITTEN_BY_OTHERS.has(file);
}
