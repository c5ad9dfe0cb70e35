/** host/cgroup: the cgroups of running containers. */
import type { CgroupFeatures } from "../../isolation/cgroups/features.ts";
import type { CgroupLayout, Resources } from "../../isolation/spec.ts";

export type { CgroupFeatures };

export interface Cgroups {
  layout: CgroupLayout;
  /** Ready the parents of a cgroup before a plan makes it: v2's controllers passed on, v1's cpuset inherited. */
  prepare(path: string): Promise<void>;
  /** What limits the host can set; makes the parent cgroup ("/docker") to see it. */
  features(parent: string): Promise<CgroupFeatures>;
  update(path: string, resources: Resources): Promise<void>;
  freeze(path: string): Promise<void>;
  thaw(path: string): Promise<void>;
  /** all host PIDs in the cgroup and below */
  pids(path: string): Promise<number[]>;
  /** undefined when the cgroup is gone. */
  sample(path: string): Promise<CgroupSample | undefined>;
  /** Remove what a dead monitor left. */
  remove(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
}
/** Raw numbers, version-neutral. CPU in nanoseconds, memory in bytes. */
export type CgroupSample = {
  readAt: string;
  cpu: {
    total: number;
    user: number;
    system: number;
    perCpu?: number[];
    periods: number;
    throttledPeriods: number;
    throttledTime: number;
  };
  memory: { usage: number; maxUsage?: number; limit: number; failcnt?: number; stats: Record<string, number> };
  pids: { current: number; limit?: number };
  blkio: {
    op: "Read" | "Write" | "Sync" | "Async" | "Discard" | "Total" | string;
    major: number;
    minor: number;
    bytes: number;
    ios: number;
  }[];
};
