/** docker history: the steps that made an image, newest first. */
import { familiarString } from "../../wire/reference.ts";
import { referencesOf } from "./image-set.ts";
import type { ImageRecords, LayerStore, StoredImage } from "./ports.ts";

export type HistoryItem = {
  Comment: string;
  Created: number;
  CreatedBy: string;
  Id: string;
  Size: number;
  Tags: string[] | null;
};

export function imageHistory(
  deps: { records: ImageRecords; layerStore: LayerStore },
  image: StoredImage,
): HistoryItem[] {
  const layers = [...image.config.rootfs.diff_ids];
  const items = (image.config.history ?? []).map((step): HistoryItem => {
    const diffId = step.empty_layer ? undefined : layers.shift();
    return {
      Comment: step.comment ?? "",
      Created: Math.floor((Date.parse(step.created ?? "") || 0) / 1000),
      CreatedBy: step.created_by ?? "",
      Id: "<missing>",
      Size: diffId === undefined ? 0 : (deps.layerStore.get(diffId)?.size ?? 0),
      Tags: null,
    };
  });
  items.reverse();
  // Ids are known of the image itself, and of the images it was built from step by step.
  let known: StoredImage | undefined = image;
  for (const item of items) {
    if (!known) break;
    item.Id = known.id;
    const tags = referencesOf(deps, known.id).filter(({ digest }) => !digest);
    if (tags.length > 0) item.Tags = tags.map(familiarString);
    known = deps.records.get(known.parent);
  }
  return items;
}
