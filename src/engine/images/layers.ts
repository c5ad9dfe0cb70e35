/** What an image is made of: its layers, the commands that made them, and the files in each. */
import type { ImageLayer, ImageLayersAnswer } from "../../wire/glass-images.ts";
import { familiarString } from "../../wire/reference.ts";
import { findStored, referencesOf } from "./image-set.ts";
import type { ImageRecords, LayerStore } from "./ports.ts";

export type LayerListing = Pick<ImageLayer, "files" | "directories" | "removed" | "largest" | "more">;
export type LayersDeps = {
  records: ImageRecords;
  layerStore: LayerStore;
  listLayer: (directory: string) => Promise<LayerListing>;
};

/** A layer never changes: what was counted once is kept for the next who asks. */
const KEPT = 64;

export function createImageLayers(deps: LayersDeps) {
  const listings = new Map<string, Promise<LayerListing>>();
  const listing = (diffId: string, directory: string) => {
    const known = listings.get(diffId);
    if (known) return known;
    for (const key of listings.keys()) {
      if (listings.size < KEPT) break;
      listings.delete(key);
    }
    const counted = deps.listLayer(directory);
    counted.catch(() => listings.delete(diffId));
    listings.set(diffId, counted);
    return counted;
  };

  /** @throws EngineError not-found */
  return async (ref: string): Promise<ImageLayersAnswer> => {
    const image = findStored(deps, ref);
    const commands = (image.config.history ?? []).filter((step) => !step.empty_layer);
    const layers: ImageLayer[] = [];
    for (const [at, diffId] of image.config.rootfs.diff_ids.entries()) {
      const layer = deps.layerStore.get(diffId);
      if (layer === undefined) continue;
      const createdBy = commands[at]?.created_by || commands[at]?.comment || "";
      layers.push({ diffId, createdBy, size: layer.size, ...(await listing(diffId, layer.directory)) });
    }
    const [name] = referencesOf(deps, image.id).filter(({ digest }) => !digest);
    return { id: image.id, name: name ? familiarString(name) : image.id, layers };
  };
}
