/** A layer that a step fills without a container: over an image's, reached by the launcher only, gone afterwards. */
import type { FilesRoot } from "../../isolation/compile-files.ts";
import type { OwnLayer } from "../files/mount-points.ts";
import type { StoredImage } from "../images/ports.ts";
import type { BuildDeps } from "./build.ts";

export type WorkLayer = OwnLayer & { root: FilesRoot };

/** A layer that nothing runs in, as a root. */
export function workLayer({ files }: Pick<BuildDeps, "files">, { id, layer }: OwnLayer): WorkLayer {
  const source = { type: "overlay", ...layer, volatile: false } as const;
  const rootfs = { source, mountpoint: files.of(id).mountpoint, readonly: false };
  return { id, layer, root: { kind: "rootfs", rootfs, mounts: [] } };
}

export async function withLayer<T>(
  deps: BuildDeps,
  image: StoredImage | undefined,
  work: (layer: WorkLayer) => Promise<T>,
): Promise<T> {
  const id = deps.newId();
  // As for a container that is being made: whoever looks for orphans sees that it is somebody's.
  const name = deps.store.reserveName("", id);
  try {
    const layer = await deps.layers.createContainerLayer(id, image?.config.rootfs.diff_ids ?? []);
    return await work(workLayer(deps, { id, layer }));
  } finally {
    await deps.layers.removeContainerLayer(id);
    await deps.files.remove(id);
    deps.store.releaseName(name);
  }
}

/** @returns the layer's archive, undefined if nothing has been made in it */
export async function madeLayer({ fileHost }: BuildDeps, layer: WorkLayer): Promise<AsyncIterable<Buffer> | undefined> {
  for await (const { path } of fileHost.layerEntries(layer)) {
    if (path !== "") return fileHost.layerArchive(layer.layer, () => true);
  }
  return undefined;
}
