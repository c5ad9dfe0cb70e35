/** Where things are below the data root. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

export type StoragePaths = ReturnType<typeof storagePaths>;

export function storagePaths(dataRoot: string) {
  return {
    dataRoot,
    database: join(dataRoot, "images.db"),
    /** compressed or plain layer archives, by digest */
    content: join(dataRoot, "content", "sha256"),
    /** layers/ID/diff: unpacked layers */
    layers: join(dataRoot, "layers"),
    /** half-made things; emptied at start */
    tmp: join(dataRoot, "tmp"),
    /** what is being deleted; emptied at start */
    trash: join(dataRoot, "trash"),
    containers: join(dataRoot, "containers"),
    containerLayer: (id: string) => join(dataRoot, "containers", id, "layer"),
  };
}

/** No directory on the way to a layer may be traversed by others: layers hold setuid programs (CVE-2021-41091). */
export async function makeDirectories(paths: StoragePaths): Promise<void> {
  await mkdir(paths.dataRoot, { recursive: true, mode: 0o710 });
  for (const directory of [paths.content, paths.layers, paths.tmp, paths.trash]) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  }
}
