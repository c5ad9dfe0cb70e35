/** docker save: an OCI layout that is docker's own archive too (manifest.json, repositories). */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { MEDIA } from "../../wire/manifest.ts";
import { canonicalString, familiarName, familiarString, parseReference, type Reference } from "../../wire/reference.ts";
import { internal } from "../errors.ts";
import type { EventBus } from "../events.ts";
import { imageEvent } from "./image-event.ts";
import { findStored, noSuchImage, storedByReference, tagsOfRepository } from "./image-set.ts";
import type { ImageRecords, Layer, LayerStore, StoredImage } from "./ports.ts";

type Deps = { records: ImageRecords; layerStore: LayerStore; events: EventBus };
type Saved = { image: StoredImage; names: Reference[] };
type Entry = { name: string; size: number; body: Buffer | (() => AsyncIterable<Buffer>) };

const sha256 = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const blobName = (digest: string) => `blobs/${digest.replace(":", "/")}`;

/**
 * @param refs names, ids; a repository without a tag means all its tags
 * @returns the archive; an error in the midst of it destroys the stream
 * @throws EngineError not-found before any byte is made
 */
export function saveImages(deps: Deps, refs: string[]): Readable {
  const saved = collect(deps, refs);
  const entries = layout(deps.layerStore, saved);
  const archive = pack();
  const hold = deps.layerStore.hold();
  for (const { image } of saved) for (const diffId of image.config.rootfs.diff_ids) hold.add(diffId);
  writeEntries(archive, entries)
    .then(() => {
      for (const { image } of saved) imageEvent(deps, "save", image.id, image.id, image);
    })
    .catch((error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))))
    .finally(() => hold[Symbol.dispose]());
  // tar-stream's own streams are not node's, as far as types and HTTP servers go.
  return Readable.from(archive as AsyncIterable<Buffer>, { objectMode: false });
}

function collect(deps: Deps, refs: string[]): Saved[] {
  const byId = new Map<string, Saved>();
  const add = (image: StoredImage, name?: Reference) => {
    const saved = byId.get(image.id) ?? { image, names: [] };
    byId.set(image.id, saved);
    if (name && !saved.names.some((other) => canonicalString(other) === canonicalString(name))) saved.names.push(name);
  };
  for (const ref of refs) {
    const parsed = /^(sha256:)?[0-9a-f]{64}$|^sha256:/.test(ref) ? undefined : parseReference(ref);
    const tags = parsed && !parsed.tag && !parsed.digest ? tagsOfRepository(deps, parsed) : [];
    for (const name of tags) {
      const image = storedByReference(deps, name);
      if (image) add(image, name);
    }
    if (tags.length > 0) continue;
    const image = parsed?.tag && !parsed.digest ? storedByReference(deps, parsed) : findStored(deps, ref);
    if (!image) throw noSuchImage(ref);
    add(image, parsed?.tag && !parsed.digest ? parsed : undefined);
  }
  return [...byId.values()];
}

function layout(layerStore: LayerStore, saved: Saved[]): Entry[] {
  const blobs = new Map<string, Entry>();
  const put = (body: Buffer) => {
    const digest = sha256(body);
    blobs.set(digest, { name: blobName(digest), size: body.length, body });
    return digest;
  };
  const index: object[] = [];
  const manifests: object[] = [];
  const repositories: Record<string, Record<string, string>> = {};
  for (const { image, names } of saved) {
    const layers = image.config.rootfs.diff_ids.map((diffId) => layerOf(layerStore, diffId));
    for (const layer of layers) {
      const { diffId: digest, tarSize: size } = layer;
      blobs.set(digest, { name: blobName(digest), size, body: () => layerStore.open(layer, "tar") });
    }
    const descriptors = layers.map(({ diffId, tarSize }) => ({
      mediaType: MEDIA.ociLayer,
      digest: diffId,
      size: tarSize,
    }));
    const config = { mediaType: MEDIA.ociConfig, digest: put(image.raw), size: image.raw.length };
    const manifest = json({ schemaVersion: 2, mediaType: MEDIA.ociManifest, config, layers: descriptors });
    const descriptor = { mediaType: MEDIA.ociManifest, digest: put(manifest), size: manifest.length };
    if (names.length === 0) index.push(descriptor);
    for (const name of names) {
      const annotations = {
        "io.containerd.image.name": canonicalString(name),
        "org.opencontainers.image.ref.name": name.tag ?? "",
      };
      index.push({ ...descriptor, annotations });
      const top = (image.config.rootfs.diff_ids.at(-1) ?? image.id).slice("sha256:".length);
      const repository = familiarName(name);
      repositories[repository] = { ...repositories[repository], [name.tag ?? ""]: top };
    }
    manifests.push({
      Config: blobName(config.digest),
      RepoTags: names.length > 0 ? names.map(familiarString) : null,
      Layers: descriptors.map(({ digest }) => blobName(digest)),
      LayerSources: Object.fromEntries(descriptors.map((layer) => [layer.digest, layer])),
    });
  }
  const file = (name: string, value: object): Entry => {
    const body = json(value);
    return { name, size: body.length, body };
  };
  return [
    ...blobs.values(),
    file("index.json", { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: index }),
    file("manifest.json", manifests),
    file("oci-layout", { imageLayoutVersion: "1.0.0" }),
    ...(Object.keys(repositories).length > 0 ? [file("repositories", repositories)] : []),
  ];
}

function layerOf(layerStore: LayerStore, diffId: string): Layer {
  const layer = layerStore.get(diffId);
  if (!layer) throw internal(`layer ${diffId} is missing`);
  return layer;
}

const json = (value: object) => Buffer.from(JSON.stringify(value));

async function writeEntries(archive: ReturnType<typeof pack>, entries: Entry[]): Promise<void> {
  const mtime = new Date(0);
  for (const name of ["blobs/", "blobs/sha256/"]) archive.entry({ name, type: "directory", mode: 0o755, mtime });
  for (const { name, size, body } of entries) {
    const header = { name, size, mode: 0o644, mtime };
    if (Buffer.isBuffer(body)) archive.entry(header, body);
    else await pipeline(body(), archive.entry(header));
  }
  archive.finalize();
}
