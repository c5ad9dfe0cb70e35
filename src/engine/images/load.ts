/** docker load: archives of docker save (manifest.json) and OCI layouts (index.json). */
import { decodeImageConfig } from "../../wire/decode-image.ts";
import { type Descriptor, decodeManifest, isLayerMediaType } from "../../wire/manifest.ts";
import { choosePlatform, type Platform } from "../../wire/platform.ts";
import { familiarString, parseReference, type Reference, withDefaultTag } from "../../wire/reference.ts";
import { invalid, notFound } from "../errors.ts";
import { type AddImageDeps, saveImage } from "./add-image.ts";
import { type ArchiveImage, decodeSaveManifest } from "./archive-manifest.ts";
import { imageEvent } from "./image-event.ts";
import { shortId, storedByReference } from "./image-set.ts";
import type { Archives, Hold, OpenArchive } from "./ports.ts";
import { type Report, stepReporter } from "./progress.ts";

type Deps = AddImageDeps & { archives: Archives };

const INDEX_LIMIT = 4 * 1024 * 1024;
const MAX_INDEX_DEPTH = 3;
const blobPath = (digest: string) => `blobs/${digest.replace(":", "/")}`;

/**
 * @param options.quiet report the loaded images only
 * @param options.platform which image to take of an index; undefined: the host's
 * @throws EngineError invalid, InvalidInput; layers of images that did not come through are dropped
 */
export async function loadImages(
  deps: Deps,
  source: AsyncIterable<Buffer>,
  options: { quiet: boolean; platform?: Platform },
  report: Report,
): Promise<void> {
  const archive = await deps.archives.open(source);
  try {
    const images = await imagesOf(deps, archive, options.platform);
    for (const image of images) await loadImage(deps, archive, image, options.quiet ? () => {} : report, report);
  } finally {
    await archive.close();
    await deps.layerStore.collect();
  }
}

async function imagesOf(deps: Deps, archive: OpenArchive, platform: Platform | undefined): Promise<ArchiveImage[]> {
  if (archive.size("manifest.json") !== undefined) {
    return decodeSaveManifest(await archive.readAll("manifest.json", INDEX_LIMIT));
  }
  if (archive.size("index.json") === undefined) {
    throw invalid("invalid archive: does not contain a manifest.json or an index.json");
  }
  return imagesOfIndex(archive, await archive.readAll("index.json", INDEX_LIMIT), platform ?? deps.host);
}

/** OCI layout: each descriptor of index.json is an image, or an index of platforms of one. */
async function imagesOfIndex(archive: OpenArchive, bytes: Buffer, platform: Platform): Promise<ArchiveImage[]> {
  const index = decodeManifest(bytes);
  if (index.kind !== "index") throw invalid("invalid archive: index.json is no index");
  const images: ArchiveImage[] = [];
  for (const descriptor of index.manifests) {
    const { config, layers } = await imageOf(archive, descriptor, platform, 0);
    for (const layer of layers) {
      if (!isLayerMediaType(layer.mediaType)) throw invalid(`unsupported layer media type: ${layer.mediaType}`);
    }
    images.push({
      config: blobPath(config.digest),
      configDigest: config.digest,
      layers: layers.map((layer) => ({ path: blobPath(layer.digest), digest: layer.digest })),
      tags: namesOf(descriptor),
    });
  }
  return images;
}

async function imageOf(archive: OpenArchive, descriptor: Descriptor, platform: Platform, depth: number) {
  const manifest = decodeManifest(
    await archive.readAll(blobPath(descriptor.digest), INDEX_LIMIT),
    descriptor.mediaType,
  );
  if (manifest.kind === "image") return manifest;
  const chosen =
    manifest.manifests[
      choosePlatform(
        manifest.manifests.map((one) => one.platform),
        platform,
      )
    ];
  if (!chosen || depth >= MAX_INDEX_DEPTH) throw notFound("no matching manifest in the archive's index");
  return imageOf(archive, chosen, platform, depth + 1);
}

function namesOf({ annotations = {} }: Descriptor): string[] {
  const full = annotations["io.containerd.image.name"];
  const ref = annotations["org.opencontainers.image.ref.name"];
  if (full) return [full];
  return ref && /[/:]/.test(ref) ? [ref] : [];
}

async function loadImage(
  deps: Deps,
  archive: OpenArchive,
  { config: configPath, configDigest, layers, tags }: ArchiveImage,
  progress: Report,
  report: Report,
): Promise<void> {
  const names = tags.map((tag) => withDefaultTag(parseReference(tag)));
  const raw = await archive.readAll(configPath, INDEX_LIMIT);
  const { rootfs } = decodeImageConfig(raw);
  if (rootfs.diff_ids.length !== layers.length) {
    throw invalid(`invalid manifest, layers length mismatch: expected ${rootfs.diff_ids.length}, got ${layers.length}`);
  }
  using hold = deps.layerStore.hold();
  for (const [index, diffId] of rootfs.diff_ids.entries()) {
    const layer = layers[index];
    if (layer) await loadLayer(deps, archive, { ...layer, diffId, hold }, progress);
  }
  const before = names.map((name) => storedByReference(deps, name)?.id);
  const image = saveImage(deps, { raw, names, tagged: false });
  for (const [index, name] of names.entries()) tellRenaming(name, before[index], image.id, report);
  if (configDigest !== undefined && image.id !== configDigest) {
    deps.records.remove(image.id);
    throw invalid(`image config verification failed for digest ${configDigest}`);
  }
  imageEvent(deps, "load", image.id, image.id, image);
  for (const name of names) report({ stream: `Loaded image: ${familiarString(name)}\n` });
  if (names.length === 0) report({ stream: `Loaded image ID: ${image.id}\n` });
}

async function loadLayer(
  { layerStore }: Deps,
  archive: OpenArchive,
  layer: { path: string; digest?: string; diffId: string; hold: Hold },
  progress: Report,
): Promise<void> {
  const { path, digest, diffId, hold } = layer;
  hold.add(diffId);
  if (layerStore.get(diffId)) return;
  const size = archive.size(path);
  if (size === undefined) throw invalid(`invalid archive: ${path} is missing`);
  const step = stepReporter(progress, shortId(diffId), "Loading layer");
  const onUnpack = (current: number) => step(current, size);
  if (digest === undefined) {
    await layerStore.addArchive(archive.read(path), { hold, diffId, onUnpack });
    return;
  }
  await layerStore.addBlob({
    ...{ digest, size, diffId, hold, onUnpack },
    fetch: async (sink) => {
      for await (const chunk of archive.read(path)) await sink(chunk);
    },
  });
}

function tellRenaming(name: Reference, before: string | undefined, id: string, report: Report): void {
  if (before === undefined || before === id) return;
  report({
    stream: `The image ${familiarString(name)} already exists, renaming the old one with ID ${before} to empty string\n`,
  });
}
