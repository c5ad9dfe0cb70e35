/** host/cgroup: the cgroups of running containers. */
import type { CgroupFeatures } from "../../isolation/cgroups/features.ts";
import type { CgroupDriver } from "../../isolation/cgroups/index.ts";
import type { CgroupLayout, Resources } from "../../isolation/spec.ts";
import type { PressureView } from "../../wire/glass.ts";

export type { CgroupFeatures };

export interface Cgroups {
  layout: CgroupLayout;
  /** who makes containers' cgroups */
  driver: CgroupDriver;
  /** Ready the parents of a cgroup before a plan makes it: v2's controllers passed on, v1's cpuset inherited. */
  prepare(path: string): Promise<void>;
  /**
   * What the launcher needs while it carries out the plan: systemd makes this cgroup around the process. undefined: nothing.
   * It throws EngineError internal when systemd will not.
   */
  keeperPlace(path: string, resources: Resources): PlaceKeeper | undefined;
  /** What limits the host can set; makes the parent cgroup ("/docker") to see it. */
  features(parent: string): Promise<CgroupFeatures>;
  update(path: string, resources: Resources): Promise<void>;
  freeze(path: string): Promise<void>;
  /** Also of a cgroup that is gone. */
  thaw(path: string): Promise<void>;
  /** all host PIDs in the cgroup and below */
  pids(path: string): Promise<number[]>;
  /** undefined when the cgroup is gone. */
  sample(path: string): Promise<CgroupSample | undefined>;
  /** Keeps the cgroup's files open: a twentieth of the cost of sample. To be closed. */
  meter(path: string): Meter;
  /** For reading many meters at one moment, right after it was made. */
  look(): CgroupLook;
  /** Remove what a dead monitor left. */
  remove(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
}
/** @param pid of the process that keeps the cgroup from its beginning to its end */
export type PlaceKeeper = (pid: number) => Promise<void>;
/** Raw numbers, version-neutral. CPU in nanoseconds, memory in bytes. */
export type CgroupSample = {
  cpu: {
    total: number;
    user: number;
    system: number;
    perCpu?: number[];
    periods: number;
    throttledPeriods: number;
    throttledTime: number;
  };
  memory: {
    usage: number;
    maxUsage?: number;
    limit: number;
    failcnt?: number;
    /** processes killed by the kernel since the cgroup was made */
    oomKills?: number;
    stats: Record<string, number>;
  };
  pids: { current: number; limit?: number };
  blkio: {
    op: "Read" | "Write" | "Sync" | "Async" | "Discard" | "Total" | string;
    major: number;
    minor: number;
    bytes: number;
    ios: number;
  }[];
  /** absent where the kernel has none for this cgroup */
  pressure?: { cpu?: PressureView; memory?: PressureView; io?: PressureView };
};
/** One cgroup that is sampled again and again. */
export type Meter = {
  /**
   * Blocks for some 5 to 150 µs. CPU use is of now, or of the look. Of a cgroup whose processes have not run at all since the last read,
   * the rest may be as of nine reads ago; limits may be so in any case. The same object as before: every number is the same. undefined
   * when it is gone, for good: another one at its path needs another meter.
   */
  read(look?: CgroupLook): CgroupSample | undefined;
  /** A limit was changed: the next read is of everything. */
  everything(): void;
  close(): void;
};
/** What the cgroups above many meters tell of all of them. */
export type CgroupLook = {
  /** CPU time of a cgroup with all below it, as the kernel writes it: read once. undefined where it is not there. */
  usage(path: string): string | undefined;
};
