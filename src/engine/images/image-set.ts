/** The images at hand: what they are called, which one a reference means. */
import type { Image } from "../../wire/image.ts";
import { choosePlatform, formatPlatform, type Platform } from "../../wire/platform.ts";
import {
  canonicalString,
  familiarName,
  familiarString,
  isDigest,
  parseReference,
  type Reference,
  withDefaultTag,
} from "../../wire/reference.ts";
import { conflict, notFound } from "../errors.ts";
import { type ImageRecords, type LayerStore, SCRATCH, type StoredImage } from "./ports.ts";

type Deps = { records: ImageRecords; layerStore: LayerStore };

const SHORT_ID = /^(?:sha256:)?([0-9a-f]{1,64})$/;

/** An image's id without algorithm, twelve digits. */
export function shortId(id: string): string {
  return id.slice(id.indexOf(":") + 1).slice(0, 12);
}

/**
 * By name (latest if it has no tag), digest, id or unique beginning of an id.
 * @throws EngineError not-found "No such image: …", InvalidInput on a malformed name
 */
export function findStored({ records }: Pick<Deps, "records">, ref: string): StoredImage {
  if (isDigest(ref) || /^[0-9a-f]{64}$/.test(ref)) {
    const image = records.get(ref.startsWith("sha256:") ? ref : `sha256:${ref}`);
    if (image) return image;
    throw noSuchImage(ref);
  }
  const digits = SHORT_ID.exec(ref)?.[1];
  if (ref.startsWith("sha256:")) {
    const image = digits === undefined ? undefined : byPrefix(records, digits);
    if (image) return image;
    throw noSuchImage(ref);
  }
  const named = lookupName(records, ref);
  if (named) return named;
  const image = digits === undefined ? undefined : byPrefix(records, digits);
  if (image) return image;
  throw noSuchImage(familiarString(withDefaultTag(parseReference(ref))));
}

/** The image that a parsed reference names. */
export function storedByReference({ records }: Pick<Deps, "records">, reference: Reference): StoredImage | undefined {
  const id = records.references().get(canonicalString(reference));
  return id === undefined ? undefined : records.get(id);
}

/** @throws EngineError not-found when the image is for another platform */
export function checkPlatform(image: StoredImage, ref: string, wanted: Platform): void {
  const have = imagePlatform(image);
  if (choosePlatform([have], wanted) >= 0) return;
  throw notFound(
    `image with reference ${ref} was found but its platform (${formatPlatform(have)}) does not match the specified platform (${formatPlatform(wanted)})`,
  );
}

export function imagePlatform({ config }: StoredImage): Platform {
  const { os, architecture, variant } = config;
  return { os: os || "linux", architecture, ...(variant ? { variant } : {}) };
}

/** Names of an image, parsed, tags before digests, sorted. */
export function referencesOf({ records }: Pick<Deps, "records">, id: string): Reference[] {
  return [...records.references()]
    .filter(([, image]) => image === id)
    .map(([name]) => parseReference(name))
    .sort((a, b) => Number(!!a.digest) - Number(!!b.digest) || compare(familiarString(a), familiarString(b)));
}

export function showImage(deps: Deps, stored: StoredImage): Image {
  const references = referencesOf(deps, stored.id);
  return {
    id: stored.id,
    repoTags: references.filter(({ digest }) => !digest).map(familiarString),
    repoDigests: references.filter(({ digest }) => digest).map(familiarString),
    config: stored.config,
    size: sizeOf(deps, stored),
  };
}

/** As docker shows it: "" where there is none. */
export const shownParent = ({ parent }: StoredImage): string => (parent === SCRATCH ? "" : parent);

/** Bytes of all layers of an image. */
export function sizeOf({ layerStore }: Pick<Deps, "layerStore">, { config }: StoredImage): number {
  return config.rootfs.diff_ids.reduce((sum, diffId) => sum + (layerStore.get(diffId)?.size ?? 0), 0);
}

/** All of a repository's tags that name images here. */
export function tagsOfRepository({ records }: Pick<Deps, "records">, repository: Reference): Reference[] {
  const name = familiarName(repository);
  return [...records.references().keys()]
    .map(parseReference)
    .filter((reference) => !reference.digest && familiarName(reference) === name);
}

export const noSuchImage = (ref: string) => notFound(`No such image: ${ref}`);

/** With a tag and a digest, the digest decides, as in docker. */
function lookupName(records: ImageRecords, ref: string): StoredImage | undefined {
  const parsed = withDefaultTag(parseReference(ref));
  const { tag: _tag, ...withoutTag } = parsed;
  return storedByReference({ records }, parsed.digest ? withoutTag : parsed);
}

function byPrefix(records: ImageRecords, digits: string): StoredImage | undefined {
  const matches = records.all().filter(({ id }) => id.startsWith(`sha256:${digits}`));
  if (matches.length > 1) throw conflict(`multiple IDs found with provided prefix: ${digits}`);
  return matches[0];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
