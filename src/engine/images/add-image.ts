/** Makes an image of a configuration: the one way by which import, commit, build, load and pull bring one in. */
import { createHash } from "node:crypto";
import { decodeImageConfig } from "../../wire/decode-image.ts";
import type { ImageConfig, ImageHistory, ImageManifestConfig } from "../../wire/image.ts";
import type { Platform } from "../../wire/platform.ts";
import { canonicalString, familiarString, type Reference } from "../../wire/reference.ts";
import type { EventBus } from "../events.ts";
import { imageEvent } from "./image-event.ts";
import { type ImageRecords, type LayerStore, type Progress, SCRATCH, type StoredImage } from "./ports.ts";

export const NEVER_TAGGED = "0001-01-01T00:00:00Z";

export type AddImageDeps = {
  records: ImageRecords;
  layerStore: LayerStore;
  events: EventBus;
  /** RFC3339Nano */
  now: () => string;
  host: Platform;
};

export type NewImage = {
  /** Its layers and history come first; undefined: from scratch. */
  parent?: StoredImage;
  /** One more layer on top, compressed or not; undefined: none (a change of configuration only). */
  layer?: AsyncIterable<Buffer>;
  /** The whole configuration (not merged with the parent's). */
  config: ImageConfig;
  history: ImageHistory;
  author?: string;
  platform?: Platform;
  /** Of the container that made it, as builds note it. */
  containerConfig?: object;
  /** Names given to it, taken away from other images. */
  names: Reference[];
  onUnpack?: Progress;
};

/**
 * Add a layer and an image over it.
 * @throws EngineError invalid on a bad archive; nothing is kept then
 */
export async function addImage(deps: AddImageDeps, request: NewImage): Promise<StoredImage> {
  const { parent, config, author } = request;
  using hold = deps.layerStore.hold();
  for (const diffId of parent?.config.rootfs.diff_ids ?? []) hold.add(diffId);
  const diffIds = [...(parent?.config.rootfs.diff_ids ?? [])];
  if (request.layer) {
    const onUnpack = request.onUnpack;
    const layer = await deps.layerStore.addArchive(request.layer, { hold, ...(onUnpack ? { onUnpack } : {}) });
    diffIds.push(layer.diffId);
  }
  const platform = request.platform ?? deps.host;
  const created = request.history.created ?? deps.now();
  const document: ImageManifestConfig = {
    ...(author ? { author } : {}),
    architecture: platform.architecture,
    config,
    ...(request.containerConfig ? { container_config: request.containerConfig } : {}),
    created,
    history: [
      ...(parent?.config.history ?? []),
      { ...request.history, created, ...(request.layer ? {} : { empty_layer: true }) },
    ],
    os: platform.os,
    rootfs: { type: "layers", diff_ids: diffIds },
    ...(platform.variant ? { variant: platform.variant } : {}),
  };
  const raw = Buffer.from(JSON.stringify(document));
  const from = parent?.id ?? (request.containerConfig ? SCRATCH : "");
  return saveImage(deps, { raw, parent: from, names: request.names, tagged: request.names.length > 0 });
}

/**
 * Save an image whose layers are there, under names.
 * @param request.tagged names were given by a user here: LastTagTime is now, and there are tag events
 */
export function saveImage(
  deps: Pick<AddImageDeps, "records" | "events" | "now">,
  { raw, parent = "", names, tagged }: { raw: Buffer; parent?: string; names: Reference[]; tagged: boolean },
): StoredImage {
  const id = `sha256:${createHash("sha256").update(raw).digest("hex")}`;
  const known = deps.records.get(id);
  const image: StoredImage = {
    id,
    raw,
    config: known?.config ?? decodeImageConfig(raw),
    parent: known?.parent || parent,
    taggedAt: tagged ? deps.now() : (known?.taggedAt ?? NEVER_TAGGED),
  };
  deps.records.save(image, names.map(canonicalString));
  if (tagged) for (const name of names) imageEvent(deps, "tag", id, familiarString(name), image);
  return image;
}
