/** Everything on the host under this engine's names. */
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Inventory, Thing } from "../../engine/check/things.ts";
import { cgroupDirectories } from "../../isolation/cgroups/index.ts";
import type { CgroupLayout } from "../../isolation/spec.ts";
import { parseMountInfo } from "../../kernel/proc-mountinfo.ts";
import { exists } from "../cgroup/files.ts";
import { removeLink } from "../net/parent.ts";
import { tableName } from "../net/table-name.ts";
import { unmountVolume } from "../volumes/mount.ts";
import { directoryThings } from "./directories.ts";
import { networkThings } from "./network-things.ts";
import { processThings } from "./processes.ts";

export type InventoryOptions = {
  dataRoot: string;
  execRoot: string;
  layout: CgroupLayout;
  /** where containers live that ask for no other place: "/docker", "/system.slice" */
  cgroupParent: string;
  /** of the default network: names the firewall's table too */
  bridge: string;
};

export function createInventory(options: InventoryOptions): Inventory {
  const { dataRoot, execRoot, bridge } = options;
  return {
    async look({ cgroups, links }) {
      const parts = await Promise.all([
        directoryThings({ dataRoot, execRoot }),
        mountThings([dataRoot, execRoot]),
        cgroupThings(options, cgroups),
        networkThings(links, tableName({ bridge, dataRoot })),
        processThings(execRoot),
      ]);
      return parts.flat();
    },
    unmount: unmountVolume,
    removeInterface: removeLink,
  };
}

/** Containers mount in namespaces of their own: here are only volumes with options. */
async function mountThings(roots: string[]): Promise<Thing[]> {
  const mounts = parseMountInfo(await readFile("/proc/self/mountinfo", "utf8")).map(({ mountpoint }) => mountpoint);
  return mounts
    .filter((path) => roots.some((root) => path.startsWith(`${root}/`)))
    .map((path) => {
      const name = /\/volumes\/([^/]+)\/_data$/.exec(path)?.[1];
      return { kind: "mount", name: path, ours: true, claim: name ? { type: "volume", name } : { type: "none" } };
    });
}

/** A container's cgroup, or its scope. */
const RUN = /^(?:docker-)?([0-9a-f]{64})(?:\.scope)?$/;

/** Those below the engine's parent, which it may share with other engines, and those of its containers elsewhere. */
async function cgroupThings({ layout, cgroupParent }: InventoryOptions, known: string[]): Promise<Thing[]> {
  const paths = new Set<string>();
  for (const directory of cgroupDirectories(layout, cgroupParent)) {
    const names = await readdir(directory).catch(() => []);
    for (const name of names) if (RUN.test(name)) paths.add(join(directory, name));
  }
  for (const path of known.flatMap((it) => cgroupDirectories(layout, it))) if (await exists(path)) paths.add(path);
  return [...paths].sort().map((path) => ({
    kind: "cgroup",
    name: path,
    ours: false,
    claim: { type: "run", id: RUN.exec(basename(path))?.[1] ?? basename(path) },
  }));
}
