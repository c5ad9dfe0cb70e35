/** A container's writable layer over its image's layers: the directories; the launcher mounts them. */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { lstat, opendir, readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { internal, notFound } from "../../engine/errors.ts";
import { isOwnLink } from "../../engine/files/mount-points.ts";
import type { ContainerLayer, Layers } from "../../engine/ports.ts";
import { isErrno } from "../../lib/errno.ts";
import type { LayerTable } from "./layer-table.ts";
import { type MergedLayer, readMergedFile, statMergedPath } from "./merged-view.ts";
import type { StoragePaths } from "./paths.ts";
import type { Trash } from "./trash.ts";

const CHAIN_FILE = "lowers.json";
/** diff ids of images that the container mounts */
const KEPT_FILE = "mounted.json";
const DEFAULT_READ = 1024 * 1024;
/** An image without layers still needs a lower directory. */
export const EMPTY_LAYER = "empty";

export type ContainerLayers = Layers & {
  /** diff ids that containers lie on */
  inUse(): Iterable<string>;
  /** What a container's own layer lies on, top first. */
  lowerLayers(containerId: string): Required<MergedLayer>[];
};

type Deps = {
  paths: StoragePaths;
  table: LayerTable;
  trash: Trash;
  /** called when a container has let go of its layers */
  onRelease: () => Promise<unknown>;
};

export async function createContainerLayers({ paths, table, trash, onRelease }: Deps): Promise<ContainerLayers> {
  const chains = await readIdLists(paths, CHAIN_FILE);
  const kept = await readIdLists(paths, KEPT_FILE);
  const emptyLayer = relative(paths.dataRoot, join(paths.layers, EMPTY_LAYER, "diff"));

  function chainOf(containerId: string): string[] {
    const chain = chains.get(containerId);
    if (!chain) throw notFound(`container ${containerId} has no layer`);
    return chain;
  }

  /** Top first; what lies below an opaque root is not part of it. */
  function rowsOf(diffIds: string[]) {
    const rows = diffIds.map((diffId) => {
      const row = table.get(diffId);
      if (!row) throw internal(`layer ${diffId} is missing`);
      return row;
    });
    const bottom = rows.findLastIndex((row) => row.opaque.has(""));
    return rows.slice(Math.max(0, bottom)).reverse();
  }

  function layersOf(containerId: string): MergedLayer[] {
    const upper = { directory: join(paths.containerLayer(containerId), "upper") };
    return [upper, ...lowerLayers(containerId)];
  }

  function lowerLayers(containerId: string) {
    return rowsOf(chainOf(containerId)).map(({ directory, opaque }) => ({ directory, opaque }));
  }

  return {
    inUse: () => new Set([...chains.values(), ...kept.values()].flat()),
    lowerLayers,

    async createContainerLayer(containerId, diffIds): Promise<ContainerLayer> {
      const rows = rowsOf(diffIds);
      const directory = paths.containerLayer(containerId);
      const upper = join(directory, "upper");
      const work = join(directory, "work");
      chains.set(containerId, [...diffIds]);
      // Synchronous on purpose: seven trips through the thread pool took milliseconds where this takes a tenth of one.
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      writeAtomic(join(directory, CHAIN_FILE), JSON.stringify(diffIds));
      mkdirSync(work, { recursive: true, mode: 0o700 });
      mkdirSync(upper, { recursive: true, mode: 0o755 });
      // The merged root shows the upper directory's mode, and mkdir has the umask's.
      chmodSync(upper, 0o755);
      // "incompat/volatile" of a volatile mount that ended well or with its host alive: nothing is lost, it may be mounted again.
      const mark = join(work, "work", "incompat");
      if (existsSync(mark)) rmSync(mark, { recursive: true });
      const base = paths.dataRoot;
      const lowers = rows.map((row) => relative(base, row.directory));
      if (lowers.length === 0) lowers.push(emptyLayer);
      return { base, lowers, upper: relative(base, upper), work: relative(base, work) };
    },

    async removeContainerLayer(containerId) {
      await trash.discard(paths.containerLayer(containerId));
      kept.delete(containerId);
      if (chains.delete(containerId)) await onRelease();
    },

    async keepImageLayers(containerId, diffIds) {
      const lowers = rowsOf(diffIds).map((row) => relative(paths.dataRoot, row.directory));
      const all = [...new Set([...(kept.get(containerId) ?? []), ...diffIds])];
      kept.set(containerId, all);
      writeAtomic(join(paths.containerLayer(containerId), KEPT_FILE), JSON.stringify(all));
      while (lowers.length < 2) lowers.push(emptyLayer);
      return { base: paths.dataRoot, lowers };
    },

    containerLayerSize: (containerId) => bytesBelow(join(paths.containerLayer(containerId), "upper")),

    async imageLayersSize(diffIds) {
      return diffIds.reduce((sum, diffId) => sum + (table.get(diffId)?.size ?? 0), 0);
    },

    readMerged: async (containerId, path, maxBytes = DEFAULT_READ) =>
      readMergedFile(layersOf(containerId), path, maxBytes),
    statMerged: async (containerId, path) => statMergedPath(layersOf(containerId), path),
  };
}

async function readIdLists(paths: StoragePaths, file: string): Promise<Map<string, string[]>> {
  const chains = new Map<string, string[]>();
  const ids = await readdir(paths.containers).catch((error: unknown) => {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  });
  for (const id of ids) {
    try {
      const chain: unknown = JSON.parse(await readFile(join(paths.containerLayer(id), file), "utf8"));
      if (Array.isArray(chain)) chains.set(id, chain.map(String));
    } catch (error) {
      if (!isErrno(error, "ENOENT", "ENOTDIR") && !(error instanceof SyntaxError)) throw error;
    }
  }
  return chains;
}

function writeAtomic(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Bytes of all of the user's that is no directory, hard links once. The container may change them meanwhile: what vanished counts nothing. */
async function bytesBelow(directory: string): Promise<number> {
  const seen = new Set<string>();
  let bytes = 0;
  const pending = [directory];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    try {
      for await (const entry of await opendir(next)) {
        const path = join(next, entry.name);
        if (entry.isDirectory()) pending.push(path);
        else {
          const { size, nlink, dev, ino } = await lstat(path);
          const inode = `${dev}:${ino}`;
          if (nlink > 1 && seen.has(inode)) continue;
          if (nlink > 1) seen.add(inode);
          const kind = entry.isSymbolicLink() ? "symlink" : "file";
          if (!isOwnLink({ path: relative(directory, path), kind, size })) bytes += size;
        }
      }
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }
  return bytes;
}
