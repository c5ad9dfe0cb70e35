/** The memory of an engine and of all that stays for its containers, without the containers' own processes. */
import { globSync, readFileSync } from "node:fs";
import type { BenchEngine } from "./engines.ts";

export type Memory = {
  /** Proportional set size of all processes, in KiB: pages that others share are counted in part. */
  pss: number;
  /** The same, but with the files' pages whole: what it were if nobody else here ran Node (as the bench does). */
  alone: number;
  /** The part of pss that is the engine's: Node; dockerd and containerd. */
  engine: number;
};

export function memoryOf(engine: BenchEngine): Memory {
  const sum: Memory = { pss: 0, alone: 0, engine: 0 };
  for (const pid of processesOf(engine.pid)) {
    const rollup = read(`/proc/${pid}/smaps_rollup`);
    const pss = field(rollup, "Pss");
    sum.pss += pss;
    // Monitors and shims share their program with each other: once is enough.
    const isEngine = /^(MainThread|node|dockerd|containerd)$/.test(read(`/proc/${pid}/comm`).trim());
    sum.alone += isEngine ? field(rollup, "Rss") : pss;
    if (isEngine) sum.engine += pss;
  }
  return sum;
}

/** Descendants and itself; what a container runs is `sleep` in the bench, and left out with what brings dockerd up. */
function processesOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const path of globSync("/proc/[0-9]*")) {
    parents.set(Number(path.slice(6)), field(read(`${path}/status`), "PPid"));
  }
  const tree = new Set([root]);
  for (let size = 0; size < tree.size; ) {
    size = tree.size;
    for (const [pid, parent] of parents) if (tree.has(parent)) tree.add(pid);
  }
  return [...tree].filter((pid) => !/^(sleep|unshare|sh)$/.test(read(`/proc/${pid}/comm`).trim()));
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(text)?.[1] ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
