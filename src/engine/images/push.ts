/** docker push: layers the registry does not have, then configuration and manifest. */
import { createHash } from "node:crypto";
import { type Descriptor, MEDIA } from "../../wire/manifest.ts";
import { canonicalString, familiarName, familiarString, type Reference, withDigest } from "../../wire/reference.ts";
import { internal, notFound } from "../errors.ts";
import type { AddImageDeps } from "./add-image.ts";
import { concurrently } from "./concurrently.ts";
import { imageEvent } from "./image-event.ts";
import { shortId, storedByReference, tagsOfRepository } from "./image-set.ts";
import type { Archives, Credentials, Layer, Registry, Repository, StoredImage } from "./ports.ts";
import { type Report, stepReporter } from "./progress.ts";

export type PushDeps = AddImageDeps & { registry: Registry; archives: Archives };
const CONCURRENT_LAYERS = 5;

/**
 * @param request.reference without a tag, all tags of the repository are pushed
 * @throws EngineError not-found, or what the registry answered
 */
export async function pushImage(
  deps: PushDeps,
  { reference, auth, signal }: { reference: Reference; auth: Credentials; signal: AbortSignal },
  report: Report,
): Promise<void> {
  const name = familiarName(reference);
  report({ status: `The push refers to repository [${name}]` });
  const tags = reference.tag === undefined ? tagsOfRepository(deps, reference) : [reference];
  if (tags.length === 0 || tags.some((tag) => !storedByReference(deps, tag))) {
    throw notFound(`An image does not exist locally with the tag: ${name}`);
  }
  const repository = deps.registry.repository(reference, auth, "pull,push");
  for (const tag of tags) {
    const image = storedByReference(deps, tag);
    if (image) await pushOne(deps, repository, { tag, image, signal }, report);
  }
  imageEvent(deps, "push", familiarString(reference), name);
}

type OnePush = { tag: Reference; image: StoredImage; signal: AbortSignal };

async function pushOne(deps: PushDeps, repository: Repository, { tag, image, signal }: OnePush, report: Report) {
  const layers = image.config.rootfs.diff_ids.map((diffId) => {
    const layer = deps.layerStore.get(diffId);
    if (!layer) throw internal(`layer ${diffId} is missing`);
    return layer;
  });
  using hold = deps.layerStore.hold();
  for (const { diffId } of layers) hold.add(diffId);
  const oci = layers.some(({ blob }) => blob.compression === "zstd");
  const topFirst = [...new Set(layers)].reverse();
  for (const { diffId } of topFirst) report({ status: "Preparing", progressDetail: {}, id: shortId(diffId) });
  const pushed = new Map<Layer, Descriptor>();
  await concurrently(topFirst, CONCURRENT_LAYERS, signal, async (layer, aborted) => {
    pushed.set(layer, await pushLayer(deps, repository, { layer, oci, signal: aborted }, report));
  });
  const config = { digest: image.id, size: image.raw.length };
  if (!(await repository.hasBlob(image.id))) {
    await repository.upload({ ...config, read: () => bytesOf(image.raw) }, () => {}, signal);
  }
  const mediaType = oci ? MEDIA.ociManifest : MEDIA.dockerManifest;
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: oci ? MEDIA.ociConfig : MEDIA.dockerConfig, size: config.size, digest: config.digest },
    layers: layers.map((layer) => pushed.get(layer)),
  };
  const bytes = Buffer.from(JSON.stringify(manifest, null, 3));
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  await repository.putManifest(tag.tag ?? "latest", mediaType, bytes);
  deps.records.save(image, [canonicalString(withDigest(tag, digest))]);
  report({ status: `${tag.tag}: digest: ${digest} size: ${bytes.length}` });
  report({ progressDetail: {}, aux: { Tag: tag.tag, Digest: digest, Size: bytes.length } });
}

type OneLayer = { layer: Layer; oci: boolean; signal: AbortSignal };

/** A layer travels as it came; one that was made here is compressed for the way. */
async function pushLayer(
  { layerStore, archives }: PushDeps,
  repository: Repository,
  { layer, oci, signal }: OneLayer,
  report: Report,
): Promise<Descriptor> {
  const id = shortId(layer.diffId);
  const { compression } = layer.blob;
  const packed = compression === "none" ? await archives.gzip(layerStore.open(layer, "blob")) : undefined;
  try {
    const blob = packed ?? { ...layer.blob, read: () => layerStore.open(layer, "blob") };
    if (await repository.hasBlob(blob.digest)) report({ status: "Layer already exists", progressDetail: {}, id });
    else {
      await repository.upload(blob, stepReporter(report, id, "Pushing"), signal);
      report({ status: "Pushed", progressDetail: {}, id });
    }
    const gzip = oci ? MEDIA.ociLayerGzip : MEDIA.dockerLayer;
    return { mediaType: compression === "zstd" ? MEDIA.ociLayerZstd : gzip, size: blob.size, digest: blob.digest };
  } finally {
    await packed?.remove();
  }
}

async function* bytesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
