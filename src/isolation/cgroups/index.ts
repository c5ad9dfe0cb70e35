/** The cgroup's part of a plan: make it and limit it, join it, read its counter and remove it. */

import type { Phase, PlannedOp, Stage } from "../plan.ts";
import type { CgroupLayout, CgroupSpec, Resources } from "../spec.ts";
import { checkCgroupPath } from "./path.ts";
import { KEEPER, scopeOf, withKeeper } from "./scope.ts";
import type { CgroupTwin, LimitOrder, LimitWrite } from "./twin.ts";
import { cgroupV1 } from "./v1.ts";
import { cgroupV2 } from "./v2.ts";

export { type CgroupDriver, cgroupPath } from "./path.ts";
export { KEEPER, scopeOf } from "./scope.ts";
export type { LimitWrite } from "./twin.ts";

/**
 * Make the cgroup in every hierarchy, then write its limits and device rules: all before a process is in it.
 * The parent must be ready for it (host/cgroup's prepare): v1's cpuset inherited, v2's controllers enabled.
 *
 * @throws Error when a limit is asked for whose controller the host lacks (see missingControllers).
 */
export function cgroupLimitOps(spec: CgroupSpec): PlannedOp[] {
  const twin = twinOf(spec.layout, spec.path);
  return [
    ...twin.directories.map((path): PlannedOp => makeOp(path, scopeOf(spec.path) !== undefined)),
    ...twin.limitWrites(withKeeper(spec.path, spec.resources), "shrink").map(writeOp),
    ...deviceOps(twin, spec),
  ];
}

function makeOp(path: string, isScope: boolean): PlannedOp {
  const made = at("launcher", "cgroup");
  return isScope ? { op: "cgroup_keep", path, keeper: KEEPER, ...made } : { op: "cgroup_create", path, ...made };
}

function deviceOps(twin: CgroupTwin, { deviceRules }: CgroupSpec): PlannedOp[] {
  if (deviceRules === undefined) return [];
  const control = twin.devices(deviceRules);
  if (control.kind === "writes") return control.writes.map(writeOp);
  const { directory: path, program } = control;
  return [{ op: "cgroup_device_program", path, program, ...at("launcher", "cgroup") }];
}

/**
 * Put the process in, before it unshares its cgroup namespace: the namespace's root is where it stands then. Into a v2 cgroup it
 * is born (stage launcher, before clone), into v1's it moves itself (stage container): neither takes the lock on all forks of the
 * machine, which costs some 10 ms.
 */
export function cgroupJoinOps(layout: CgroupLayout, path: string): { launcher: PlannedOp[]; container: PlannedOp[] } {
  const { directories, birthplace } = twinOf(layout, path);
  const join = (stage: Stage, paths: string[]) =>
    paths.map((path): PlannedOp => ({ op: "cgroup_join", path, ...at(stage, "cgroup") }));
  return {
    launcher: join("launcher", birthplace === undefined ? [] : [birthplace]),
    container: join(
      "container",
      directories.filter((path) => path !== birthplace),
    ),
  };
}

/**
 * After PID 1: kill what is left, read what the kernel has counted while the files are still there, remove. A scope's files are
 * there as long as its keeper is, which dies with what is left: they are read before.
 */
export function cgroupExitOps(layout: CgroupLayout, path: string): PlannedOp[] {
  const { processDirectory, exitCounters, directories } = twinOf(layout, path);
  const stage = at("exit", "cleanup");
  const kill: PlannedOp = { op: "cgroup_kill", path: processDirectory, ...stage };
  const count = exitCounters.map((counter): PlannedOp => ({ op: "read_counter", ...counter, ...stage }));
  // The removal of a scope is systemd's: of a cgroup that is gone already it would hear nothing, and keep the unit.
  if (scopeOf(path)) return [...count, kill];
  return [kill, ...count, ...directories.map((path): PlannedOp => ({ op: "cgroup_remove", path, ...stage }))];
}

/**
 * The same limits as writes to a cgroup that lives (docker update).
 * @param order "grow" when the new memory limit is above the present limit of memory and swap (v1).
 */
export function limitWrites(
  layout: CgroupLayout,
  path: string,
  resources: Resources,
  order: LimitOrder = "shrink",
): LimitWrite[] {
  return twinOf(layout, path).limitWrites(withKeeper(path, resources), order);
}

/** Absolute directories of a cgroup, one per hierarchy. */
export function cgroupDirectories(layout: CgroupLayout, path: string): string[] {
  return twinOf(layout, path).directories;
}

/** The directory whose cgroup.procs tells the processes of a cgroup: all of them are in every hierarchy. */
export function cgroupProcessDirectory(layout: CgroupLayout, path: string): string {
  return twinOf(layout, path).processDirectory;
}

/** Which of cpu, cpuset, memory, pids, blkio, devices and freezer the host does not offer: limits on these must be refused. */
export function missingControllers(layout: CgroupLayout): string[] {
  const { controllers } = twinOf(layout, "/x");
  return ["cpu", "cpuset", "memory", "pids", "blkio", "devices", "freezer"].filter(
    (name) => !controllers.includes(name),
  );
}

function twinOf(layout: CgroupLayout, path: string): CgroupTwin {
  checkCgroupPath(path);
  return layout.version === "v1" ? cgroupV1(layout, path) : cgroupV2(layout, path);
}

function writeOp({ path, data }: LimitWrite): PlannedOp {
  return { op: "write_file", path, data, optional: false, ...at("launcher", "cgroup") };
}

function at(stage: Stage, phase: Phase): { stage: Stage; phase: Phase } {
  return { stage, phase };
}
