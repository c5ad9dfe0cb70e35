/** The cgroup tree looked at each second: files stay open, and of cgroups that rest little is read. */
import { readdirSync, statSync } from "node:fs";
import type { CgroupLayout } from "../../isolation/spec.ts";
import { isErrno } from "../../lib/errno.ts";
import { mapInTurns } from "../../lib/in-turns.ts";
import type { CgroupNode } from "../../wire/glass.ts";
import { keepOpen, type OpenCgroup, type Read } from "../cgroup/reader.ts";
import { keepTexts } from "../cgroup/texts.ts";
import { addUp, cgroupNode, mountpoints, parentOf } from "./cgroup-nodes.ts";

/** The whole tree is walked once in so many looks, unless it is said to have changed. */
const WALK_EVERY = 10;
/** Everything of a cgroup is read once in so many looks. */
const EVERY = 10;
/** Processes are counted in so many looks where their number seems to be the same: others may exchange them, or move them in one hierarchy only. */
const COUNT_EVERY = 60;
/** The root has no such number, and on many hosts most processes: a list of them for each hierarchy. */
const COUNT_ROOT_EVERY = 5;

/** node.processes: those in it, without what is below. */
type Kept = {
  cgroup: OpenCgroup;
  texts: ReturnType<typeof keepTexts>;
  looks: number;
  node: CgroupNode | undefined;
};

/** @returns look: parents first, the root is "/"; changed: cgroups were made or removed since the last look */
export function watchCgroups(layout: CgroupLayout): {
  look(asked: { changed: boolean }): Promise<CgroupNode[]>;
  close(): void;
} {
  const kept = new Map<string, Kept>();
  const children = childrenOf();
  let looks = 0;

  const walk = () => {
    const paths = new Set<string>();
    const down = (mountpoint: string, path: string) => {
      paths.add(path || "/");
      for (const name of children(mountpoint + path)) down(mountpoint, `${path}/${name}`);
    };
    for (const mountpoint of mountpoints(layout)) down(mountpoint, "");
    for (const [path, { cgroup }] of kept) {
      if (paths.has(path)) continue;
      cgroup.close();
      kept.delete(path);
    }
    for (const path of [...paths].sort()) {
      // By turns, so that not all are read whole in the same second.
      if (kept.has(path)) continue;
      const cgroup = keepOpen(layout, path);
      kept.set(path, { cgroup, texts: keepTexts(cgroup), looks: kept.size, node: undefined });
    }
  };
  /** In this look: nothing in it or below has used any CPU since the last one. */
  let rests = new Set<string>();
  const look = (path: string, one: Kept): CgroupNode | undefined => {
    const { node: before, texts } = one;
    const turn = one.looks++;
    const full = before === undefined || turn % EVERY === 0;
    // A cgroup's usage is also that of all below it, and parents are looked at first.
    const quiet =
      before && ((path !== "/" && rests.has(parentOf(path))) || usage(layout, one.cgroup.read) === before.cpu?.usage);
    if (quiet && before.cpu) rests.add(path);
    if (quiet && !full) return before;
    const changed = texts.allAgain() || before === undefined;
    // A count of processes is one list per hierarchy: made anew when the number of threads is another one.
    const pids = texts.read(layout.version === "v1" ? "pids" : "", "pids.current");
    const counted =
      path === "/" ? turn % COUNT_ROOT_EVERY !== 0 : turn % COUNT_EVERY !== 0 && Number(pids) === before?.pids?.current;
    const sameCount = before && counted;
    if (!changed && sameCount) return before;
    one.node = cgroupNode(layout, path, { read: texts.read, processes: sameCount ? before.processes : undefined });
    return one.node;
  };

  return {
    async look({ changed }) {
      if (changed || looks++ % WALK_EVERY === 0) walk();
      rests = new Set();
      const found = await mapInTurns(
        [...kept].sort(([a], [b]) => (a < b ? -1 : 1)),
        ([path, one]) => look(path, one),
      );
      return addUp(found.flatMap((node) => (node === undefined ? [] : [{ ...node }])));
    },
    close() {
      for (const { cgroup } of kept.values()) cgroup.close();
      kept.clear();
    },
  };
}

/** Nanoseconds, as a CgroupNode has them. */
function usage(layout: CgroupLayout, read: Read): number | undefined {
  if (layout.version === "v1") {
    const text = read("cpuacct", "cpuacct.usage");
    return text === undefined ? undefined : Number(text);
  }
  const micro = /^usage_usec (\d+)$/m.exec(read("", "cpu.stat") ?? "")?.[1];
  return micro === undefined ? undefined : Number(micro) * 1000;
}

/**
 * Names of the cgroups in a directory. A directory's link count is two more than the cgroups in it, and its time changes with them:
 * what has not changed is not read again, and of a leaf nothing is.
 */
function childrenOf(): (directory: string) => string[] {
  const known = new Map<string, { mark: string; names: string[] }>();
  return (directory) => {
    const stat = statSync(directory, { throwIfNoEntry: false });
    if (stat === undefined || stat.nlink === 2) {
      known.delete(directory);
      return [];
    }
    const mark = `${stat.ino}:${stat.nlink}:${stat.mtimeMs}`;
    const before = known.get(directory);
    if (before?.mark === mark) return before.names;
    try {
      const names = readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() ? [entry.name] : [],
      );
      known.set(directory, { mark, names });
      return names;
    } catch (error) {
      if (isErrno(error, "ENOENT", "ENODEV")) return [];
      throw error;
    }
  };
}
