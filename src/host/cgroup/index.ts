/** The cgroups of running containers: what the engine asks of the host's cgroup file systems. */

import { mkdir } from "node:fs/promises";
import type { Cgroups } from "../../engine/ports.ts";
import { cgroupDirectories, cgroupProcessDirectory, limitWrites } from "../../isolation/cgroups/index.ts";
import type { CgroupLayout, Resources } from "../../isolation/spec.ts";
import { detectLayout } from "./detect.ts";
import { detectFeatures } from "./features.ts";
import { exists, readIfThere, writeCommand } from "./files.ts";
import { setFrozen } from "./freezer.ts";
import { createMeter } from "./meter.ts";
import { prepareParents } from "./prepare.ts";
import { keepOpen, readOnce } from "./reader.ts";
import { sampleV1 } from "./sample-v1.ts";
import { sampleV2 } from "./sample-v2.ts";
import { processesIn, removeTree } from "./tree.ts";

/**
 * @param options.root directory that stands for "/" (tests)
 * @param options.now time of a sample, RFC3339
 * @throws Error when no cgroup file system is mounted.
 */
export async function createCgroups(options: { root?: string; now?: () => string } = {}): Promise<Cgroups> {
  const layout = await detectLayout(options.root ?? "");
  const now = options.now ?? (() => new Date().toISOString());
  return {
    layout,
    prepare: (path) => prepareParents(layout, path),
    async features(parent) {
      await prepareParents(layout, `${parent}/x`);
      for (const directory of cgroupDirectories(layout, parent)) await mkdir(directory, { recursive: true });
      return detectFeatures(layout, parent);
    },
    async update(path, resources) {
      const order = await limitOrder(layout, path, resources);
      for (const write of limitWrites(layout, path, resources, order)) await writeCommand(write.path, write.data);
    },
    freeze: (path) => setFrozen(layout, path, true),
    thaw: (path) => setFrozen(layout, path, false),
    pids: (path) => processesIn(cgroupProcessDirectory(layout, path)),
    async sample(path) {
      const read = readOnce(layout, path);
      return layout.version === "v1" ? sampleV1(read, now()) : sampleV2(read, now());
    },
    meter: (path) => createMeter(keepOpen(layout, path), layout.version, now),
    async remove(path) {
      await Promise.all(cgroupDirectories(layout, path).map(removeTree));
    },
    async exists(path) {
      const found = await Promise.all(cgroupDirectories(layout, path).map(exists));
      return found.includes(true);
    },
  };
}

/** See LimitOrder: v1 takes memory and memory + swap in one order only, depending on what they are now. */
async function limitOrder(layout: CgroupLayout, path: string, resources: Resources): Promise<"grow" | "shrink"> {
  if (layout.version === "v2" || !resources.memory) return "shrink";
  const memory = layout.hierarchies.find(({ controllers }) => controllers.includes("memory"));
  const sum = memory && (await readIfThere(`${memory.mountpoint}${path}/memory.memsw.limit_in_bytes`));
  return sum !== undefined && resources.memory > Number(sum) ? "grow" : "shrink";
}
