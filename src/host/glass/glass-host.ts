import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { GlassHost } from "../../engine/glass/ports.ts";
import type { CgroupLayout } from "../../isolation/spec.ts";
import { parseHostStat } from "../../kernel/proc-stat.ts";
import type { CgroupNode } from "../../wire/glass.ts";
import { readNow } from "../cgroup/reader.ts";
import { cgroupNode, cgroupNodes } from "./cgroup-nodes.ts";
import { namespacesOf, observe, observeAll } from "./observe.ts";
import { createUserNames } from "./user-names.ts";
import { watchCgroups } from "./watch-cgroups.ts";
import { watchProcesses } from "./watch-processes.ts";

/** The host, looked at and never touched. */
export function createGlassHost(layout: CgroupLayout): GlassHost {
  return {
    process: async (pid) => observe(pid),
    processes: observeAll,
    async hostNamespaces() {
      const first = namespacesOf(1);
      return first.mnt === undefined ? namespacesOf(process.pid) : first;
    },
    async cgroups() {
      const nodes = await cgroupNodes(layout);
      return withPressure(layout, nodes);
    },
    watchCgroups() {
      const watch = watchCgroups(layout);
      return { ...watch, look: async (asked) => withPressure(layout, await watch.look(asked)) };
    },
    watchProcesses,
    userName: createUserNames(),
    bootTime: () => parseHostStat(readNow("/proc/stat") ?? "").bootTime,
    cgroup: async (path) => cgroupNode(layout, path),
    monotonic: () => performance.now() * 1e6,
    cpus: availableParallelism,
  };
}

function withPressure(layout: CgroupLayout, nodes: CgroupNode[]): { nodes: CgroupNode[]; noPressure?: string } {
  const there = nodes.some(({ pressure }) => pressure !== undefined);
  return { nodes, ...(!there && { noPressure: whyNoPressure(layout) }) };
}

function whyNoPressure(layout: CgroupLayout): string {
  if (!existsSync("/proc/pressure")) return "the kernel has no PSI (CONFIG_PSI, or psi=1 on its command line)";
  if (layout.version === "v1" && layout.unified === undefined)
    return "pressure of a cgroup is a file of cgroup v2, and no v2 hierarchy is mounted on this host";
  return "this kernel counts pressure for the whole host only, in /proc/pressure";
}
