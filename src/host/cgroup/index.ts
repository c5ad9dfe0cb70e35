/** The cgroups of running containers: what the engine asks of the host's cgroup file systems. */

import { mkdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { internal } from "../../engine/errors.ts";
import type { CgroupSample, Cgroups } from "../../engine/ports.ts";
import {
  cgroupDirectories,
  cgroupProcessDirectory,
  KEEPER,
  limitWrites,
  scopeOf,
} from "../../isolation/cgroups/index.ts";
import { unitProperties } from "../../isolation/cgroups/unit-properties.ts";
import type { CgroupLayout, Resources } from "../../isolation/spec.ts";
import { systemdUnits, type Units } from "../systemd/units.ts";
import { detectLayout } from "./detect.ts";
import { chooseDriver } from "./driver.ts";
import { delegatedFeatures, detectFeatures } from "./features.ts";
import { exists, readIfThere, writeCommand } from "./files.ts";
import { freeze, thaw } from "./freezer.ts";
import { createLook, createMeter } from "./meter.ts";
import { prepareParents } from "./prepare.ts";
import { keepOpen, type Read, readOnce } from "./reader.ts";
import { sampleV1 } from "./sample-v1.ts";
import { sampleV2 } from "./sample-v2.ts";
import { processesIn, removeTree } from "./tree.ts";

/**
 * @param options.driver as --cgroup-driver has it; "": what suits the host
 * @param options.root directory that stands for "/" (tests)
 * @throws Error when no cgroup file system is mounted, or the host cannot have that driver.
 */
export async function createCgroups(options: { driver?: string; root?: string } = {}): Promise<Cgroups> {
  const layout = await detectLayout(options.root ?? "");
  const driver = chooseDriver(options.driver ?? "cgroupfs", layout.version, options.root);
  // No connection before the first scope.
  const units = systemdUnits();
  const sampleOf = (path: string) => {
    const sample = layout.version === "v1" ? sampleV1 : sampleV2;
    return scopeOf(path) === undefined ? sample : (read: Read) => withoutKeeper(sample(read));
  };
  return {
    layout,
    driver,
    // systemd makes the slices, with the controllers that a scope with Delegate=yes has to have.
    prepare: async (path) => (scopeOf(path) ? undefined : prepareParents(layout, path)),
    keeperPlace: (path, resources) => placeIn(units, path, resources),
    async features(parent) {
      if (driver === "systemd") return delegatedFeatures(layout);
      await prepareParents(layout, `${parent}/x`);
      for (const directory of cgroupDirectories(layout, parent)) await mkdir(directory, { recursive: true });
      return detectFeatures(layout, parent);
    },
    async update(path, resources) {
      const scope = scopeOf(path);
      if (scope) await units.setProperties(scope.unit, unitProperties(path, resources));
      const order = await limitOrder(layout, path, resources);
      for (const write of limitWrites(layout, path, resources, order)) await writeCommand(write.path, write.data);
    },
    freeze: (path) => freeze(layout, path),
    thaw: (path) => thaw(layout, path),
    pids: (path) => processesIn(cgroupProcessDirectory(layout, path), KEEPER),
    sample: async (path) => sampleOf(path)(readOnce(layout, path)),
    meter: (path) =>
      createMeter({ path, cgroup: keepOpen(layout, path), version: layout.version, sampleOf: sampleOf(path) }),
    look: () => createLook(layout),
    async remove(path) {
      const scope = scopeOf(path);
      if (scope) return removeScope(units, scope.unit, cgroupDirectories(layout, path));
      await Promise.all(cgroupDirectories(layout, path).map(removeTree));
    },
    async exists(path) {
      const found = await Promise.all(cgroupDirectories(layout, path).map(exists));
      return found.includes(true);
    },
  };
}

function placeIn(units: Units, path: string, resources: Resources): ReturnType<Cgroups["keeperPlace"]> {
  const scope = scopeOf(path);
  if (!scope) return undefined;
  return async (pid) => {
    try {
      await units.startScope(scope, pid, unitProperties(path, resources));
    } catch (error) {
      const { message } = error as Error;
      throw internal(`systemd does not start ${scope.unit} in ${scope.slice}: ${message}`, error);
    }
  };
}

/** By systemd, which hears nothing of a cgroup that others remove and would keep the unit. */
async function removeScope(units: Units, unit: string, directories: string[]): Promise<void> {
  await units.stop(unit);
  const deadline = performance.now() + 5_000;
  for (const directory of directories) {
    while ((await exists(directory)) && performance.now() < deadline) await delay(20);
    await removeTree(directory);
  }
}

/** A scope's keeper is no process of the container's. */
function withoutKeeper(sample: CgroupSample | undefined): CgroupSample | undefined {
  if (!sample) return sample;
  const { current, limit } = sample.pids;
  return {
    ...sample,
    pids: { current: Math.max(0, current - 1), ...(limit !== undefined && { limit: limit - 1 }) },
  };
}

/** See LimitOrder: v1 takes memory and memory + swap in one order only, depending on what they are now. */
async function limitOrder(layout: CgroupLayout, path: string, resources: Resources): Promise<"grow" | "shrink"> {
  if (layout.version === "v2" || !resources.memory) return "shrink";
  const memory = layout.hierarchies.find(({ controllers }) => controllers.includes("memory"));
  const sum = memory && (await readIfThere(`${memory.mountpoint}${path}/memory.memsw.limit_in_bytes`));
  return sum !== undefined && resources.memory > Number(sum) ? "grow" : "shrink";
}
