/** The images of an engine: everything that the API, containers and builds do with them. */
import type { Readable } from "node:stream";
import type { Filters } from "../../wire/filters.ts";
import type { Image } from "../../wire/image.ts";
import { type Platform, parsePlatform } from "../../wire/platform.ts";
import { parseReference, type Reference, withDefaultTag } from "../../wire/reference.ts";
import type { EventBus } from "../events.ts";
import { addImage, type NewImage } from "./add-image.ts";
import { inspectDistribution } from "./distribution.ts";
import { type HistoryItem, imageHistory } from "./history.ts";
import { checkPlatform, findStored, showImage } from "./image-set.ts";
import { type ImportRequest, importFile, importImage } from "./import.ts";
import { type ImageInspect, inspectImage } from "./inspect.ts";
import { type ImageSummary, listImages } from "./list.ts";
import { loadImages } from "./load.ts";
import {
  type Archives,
  type Credentials,
  type ImageRecords,
  type LayerStore,
  type Registry,
  SCRATCH,
  type StoredImage,
} from "./ports.ts";
import type { Report } from "./progress.ts";
import { pruneImages, usedBytes } from "./prune.ts";
import { type PullRequest, pullImage } from "./pull.ts";
import { pushImage } from "./push.ts";
import { type ImageUser, type Removed, removeImage } from "./remove.ts";
import { saveImages } from "./save.ts";
import { tagImage } from "./tag.ts";

export type ImagesDeps = {
  records: ImageRecords;
  layerStore: LayerStore;
  archives: Archives;
  registry: Registry;
  events: EventBus;
  /** RFC3339Nano */
  now: () => string;
  /** what the host runs: hostPlatform(process.arch) */
  host: Platform;
  /** Containers made of an image: they keep it from being removed. */
  imageUsers: (imageId: string) => ImageUser[];
};

/** All throw EngineError or InvalidInput with docker's texts. */
export interface Images {
  readonly host: Platform;
  /** By name, id, beginning of an id or digest. @param platform os/arch[/variant] it must have */
  find(ref: string, platform?: string): Image;
  /** The same with its exact configuration, as the parent of a new image. */
  findStored(ref: string): StoredImage;
  /** Images that were made of this one here; of undefined, those that were built of nothing. */
  childrenOf(image: StoredImage | undefined): StoredImage[];
  list(options: { all: boolean; sharedSize: boolean; filters: Filters }): ImageSummary[];
  inspect(ref: string): ImageInspect;
  history(ref: string): HistoryItem[];
  tag(ref: string, name: { repo: string; tag: string }): void;
  remove(ref: string, options: { force: boolean; prune: boolean }): Promise<Removed[]>;
  prune(filters: Filters): Promise<{ ImagesDeleted: Removed[] | null; SpaceReclaimed: number }>;
  pull(request: PullRequest, report: Report): Promise<void>;
  push(request: { reference: Reference; auth: Credentials; signal: AbortSignal }, report: Report): Promise<void>;
  distribution(ref: string, auth: Credentials): ReturnType<typeof inspectDistribution>;
  import(source: AsyncIterable<Buffer>, request: ImportRequest): Promise<Image>;
  /** From an archive on this host. */
  importFile(path: string, request: ImportRequest): Promise<Image>;
  load(source: AsyncIterable<Buffer>, options: { quiet: boolean; platform?: Platform }, report: Report): Promise<void>;
  save(refs: string[]): Readable;
  /** A layer and a configuration on top of a parent: what import, commit and build come down to. */
  addImage(request: NewImage): Promise<StoredImage>;
  /** Bytes of all image layers, each once (docker system df: LayersSize). */
  layersSize(): number;
}

export function createImages(deps: ImagesDeps): Images {
  return {
    host: deps.host,
    find(ref, platform) {
      const image = findStored(deps, ref);
      if (platform) checkPlatform(image, ref, parsePlatform(platform, deps.host));
      return showImage(deps, image);
    },
    findStored: (ref) => findStored(deps, ref),
    childrenOf: (image) => deps.records.all().filter(({ parent }) => parent === (image?.id ?? SCRATCH)),
    list: (options) => listImages(deps, { ...options, now: deps.now() }),
    inspect: (ref) => inspectImage(deps, findStored(deps, ref)),
    history: (ref) => imageHistory(deps, findStored(deps, ref)),
    tag: (ref, name) => tagImage(deps, ref, name),
    remove: (ref, options) => removeImage(deps, ref, options),
    prune: (filters) => pruneImages(deps, filters, deps.now()),
    pull: (request, report) => pullImage(deps, request, report),
    push: (request, report) => pushImage(deps, request, report),
    distribution: async (ref, auth) => inspectDistribution(deps, withDefaultTag(parseReference(ref)), auth),
    import: async (source, request) => showImage(deps, await importImage(deps, source, request)),
    importFile: async (path, request) => showImage(deps, await importFile(deps, path, request)),
    load: (source, options, report) => loadImages(deps, source, options, report),
    save: (refs) => saveImages(deps, refs),
    addImage: (request) => addImage(deps, request),
    layersSize: () => usedBytes(deps),
  };
}
