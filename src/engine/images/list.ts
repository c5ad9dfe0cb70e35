/** docker images: summaries, newest first. */
import type { Filters } from "../../wire/filters.ts";
import { familiarString, type Reference } from "../../wire/reference.ts";
import { createdAt, danglingFilter, imageMatcher, shownReferences } from "./filter.ts";
import { shownParent, sizeOf } from "./image-set.ts";
import type { ImageRecords, LayerStore, StoredImage } from "./ports.ts";

export type ImageSummary = {
  Containers: number;
  Created: number;
  Id: string;
  Labels: Record<string, string> | null;
  ParentId: string;
  RepoDigests: string[];
  RepoTags: string[];
  SharedSize: number;
  Size: number;
};
export const LIST_FILTERS = ["dangling", "label", "before", "since", "reference", "until"] as const;

type Deps = { records: ImageRecords; layerStore: LayerStore };

/**
 * @param options.all also images that are only parents of others
 * @param options.sharedSize compute SharedSize, else -1
 */
export function listImages(
  deps: Deps,
  options: { all: boolean; sharedSize: boolean; filters: Filters; now: string },
): ImageSummary[] {
  const matches = imageMatcher(deps, options.filters, options.now);
  const parents = new Set(deps.records.all().map(({ parent }) => parent));
  const shared = options.sharedSize ? layerUses(deps) : undefined;
  const headsOnly = !options.all || danglingFilter(options.filters) === true;
  return deps.records
    .all()
    .filter(matches)
    .flatMap((image) => {
      const references = shownReferences(deps, image, options.filters);
      if (!references || (headsOnly && references.length === 0 && parents.has(image.id))) return [];
      return [summary(deps, image, references, shared)];
    })
    .sort((a, b) => b.Created - a.Created || (a.Id < b.Id ? -1 : 1));
}

function summary(
  deps: Deps,
  image: StoredImage,
  references: Reference[],
  uses: Map<string, number> | undefined,
): ImageSummary {
  const sharedOf = (diffId: string) => ((uses?.get(diffId) ?? 0) > 1 ? (deps.layerStore.get(diffId)?.size ?? 0) : 0);
  return {
    Containers: -1,
    Created: Math.floor(createdAt(image) / 1000),
    Id: image.id,
    Labels: image.config.config?.Labels ?? null,
    ParentId: shownParent(image),
    RepoDigests: references.filter(({ digest }) => digest).map(familiarString),
    RepoTags: references.filter(({ digest }) => !digest).map(familiarString),
    SharedSize: uses ? image.config.rootfs.diff_ids.reduce((sum, diffId) => sum + sharedOf(diffId), 0) : -1,
    Size: sizeOf(deps, image),
  };
}

/** How many images have each layer. */
function layerUses({ records }: Deps): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { config } of records.all()) {
    for (const diffId of new Set(config.rootfs.diff_ids)) uses.set(diffId, (uses.get(diffId) ?? 0) + 1);
  }
  return uses;
}
