import type { Filters } from "../../wire/filters.ts";
import { danglingFilter, imageMatcher } from "./filter.ts";
import { referencesOf } from "./image-set.ts";
import { deleteImage, type RemoveDeps, type Removed } from "./remove.ts";

export const PRUNE_FILTERS = ["dangling", "label", "label!", "until"] as const;

/** Delete images that no container uses: untagged ones, or all with dangling=false. Docker's answer. */
export async function pruneImages(
  deps: RemoveDeps,
  filters: Filters,
  now: string,
): Promise<{ ImagesDeleted: Removed[] | null; SpaceReclaimed: number }> {
  const danglingOnly = danglingFilter(filters) ?? true;
  const matches = imageMatcher(deps, filters, now);
  const removed: Removed[] = [];
  const before = usedBytes(deps);
  // Children first, so that their parents become free.
  for (const image of [...deps.records.all()].reverse()) {
    if (!deps.records.get(image.id) || !matches(image)) continue;
    if (danglingOnly && referencesOf(deps, image.id).length > 0) continue;
    if (deps.imageUsers(image.id).length > 0) continue;
    if (deps.records.all().some(({ parent }) => parent === image.id)) continue;
    await deleteImage(deps, image, { force: true, prune: true, quiet: true }, removed);
  }
  return { ImagesDeleted: removed.length > 0 ? removed : null, SpaceReclaimed: before - usedBytes(deps) };
}

/** Bytes of all layers that images have, each once. */
export function usedBytes(deps: Pick<RemoveDeps, "records" | "layerStore">): number {
  const diffIds = new Set(deps.records.all().flatMap(({ config }) => config.rootfs.diff_ids));
  return [...diffIds].reduce((sum, diffId) => sum + (deps.layerStore.get(diffId)?.size ?? 0), 0);
}
