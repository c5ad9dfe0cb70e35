/** Opens all that is kept of images and of containers' layers below a data root. */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Archives, ImageRecords, LayerStore } from "../../engine/images/ports.ts";
import type { Layers } from "../../engine/ports.ts";
import { createArchives } from "./archives.ts";
import { type ContainerLayers, createContainerLayers, EMPTY_LAYER } from "./container-layers.ts";
import { openDatabase } from "./database.ts";
import { createImageRecords } from "./image-records.ts";
import { createLayerStore } from "./layer-store.ts";
import { createLayerTable, type LayerTable } from "./layer-table.ts";
import { makeDirectories, type StoragePaths, storagePaths } from "./paths.ts";
import { createTrash, type Trash } from "./trash.ts";
import { DEFAULT_LIMITS, type UnpackLimits } from "./unpack.ts";

export type Storage = {
  /** containers' layers */
  layers: Layers & Pick<ContainerLayers, "lowerLayers">;
  layerStore: LayerStore;
  records: ImageRecords;
  archives: Archives;
  /** Resolves when everything discarded has left the disk. */
  emptied(): Promise<void>;
  close(): Promise<void>;
};

export type StorageOptions = {
  dataRoot: string;
  limits?: Partial<UnpackLimits>;
  /** told of failures that nobody waits for */
  onFailure?: (error: unknown) => void;
};

/** Opens the storage, and deletes what an earlier engine left half made or half deleted. One engine at a time. */
export async function openStorage({ dataRoot, limits = {}, onFailure = () => {} }: StorageOptions): Promise<Storage> {
  const paths = storagePaths(dataRoot);
  await makeDirectories(paths);
  const database = openDatabase(paths.database);
  const table = createLayerTable(database, (name) => join(paths.layers, name, "diff"));
  const trash = createTrash(paths.trash, onFailure);
  const records = createImageRecords(database);
  const allLimits = { ...DEFAULT_LIMITS, ...limits };
  let containers: ContainerLayers | undefined;
  const inUse = () =>
    new Set([...records.all().flatMap(({ config }) => config.rootfs.diff_ids), ...(containers?.inUse() ?? [])]);
  const layerStore = createLayerStore({ paths, table, trash, limits: allLimits, inUse });
  containers = await createContainerLayers({ paths, table, trash, onRelease: () => layerStore.collect() });
  await sweep(paths, table, trash);
  await layerStore.collect();
  return {
    layers: containers,
    layerStore,
    records,
    archives: createArchives({ paths, limits: allLimits }),
    emptied: trash.emptied,
    async close() {
      await trash.emptied();
      database.close();
    },
  };
}

/** Containers' layers alone, for those who need no images. */
export async function createLayers(options: StorageOptions): Promise<Layers> {
  return (await openStorage(options)).layers;
}

/** What the tables do not know is a leftover. Deleting goes on in the background. */
async function sweep(paths: StoragePaths, table: LayerTable, trash: Trash): Promise<void> {
  const rows = table.all();
  const known = new Set([EMPTY_LAYER, ...rows.map((row) => row.name)]);
  const digests = new Set(rows.map((row) => row.blob.digest.slice("sha256:".length)));
  const leftovers = [
    ...(await readdir(paths.layers)).filter((name) => !known.has(name)).map((name) => join(paths.layers, name)),
    ...(await readdir(paths.content)).filter((name) => !digests.has(name)).map((name) => join(paths.content, name)),
    ...(await readdir(paths.tmp)).map((name) => join(paths.tmp, name)),
  ];
  for (const path of leftovers) await trash.discard(path);
  void trash.emptied();
  await mkdir(join(paths.layers, EMPTY_LAYER, "diff"), { recursive: true, mode: 0o755 });
}
