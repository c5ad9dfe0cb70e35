/** docker rmi: untag, and delete what nothing names or uses any more. */
import { createHash } from "node:crypto";
import {
  canonicalString,
  familiarName,
  familiarString,
  parseReference,
  type Reference,
  withDefaultTag,
} from "../../wire/reference.ts";
import { conflict, EngineError } from "../errors.ts";
import type { AddImageDeps } from "./add-image.ts";
import { imageEvent } from "./image-event.ts";
import { findStored, referencesOf, shortId } from "./image-set.ts";
import type { StoredImage } from "./ports.ts";

export type ImageUser = { id: string; name: string; running: boolean };
export type RemoveDeps = Pick<AddImageDeps, "records" | "layerStore" | "events"> & {
  /** Containers made of an image. */
  imageUsers: (imageId: string) => ImageUser[];
};
export type Removed = { Untagged: string } | { Deleted: string };

/**
 * By name: take the name away, and delete the image when it was the last. By id: delete it, if it has but one name.
 * @param options.force also when stopped containers use it or several repositories name it
 * @param options.prune delete untagged parents too
 * @throws EngineError not-found, conflict with docker's texts
 */
export async function removeImage(
  deps: RemoveDeps,
  ref: string,
  { force, prune }: { force: boolean; prune: boolean },
): Promise<Removed[]> {
  const image = findStored(deps, ref);
  const removed: Removed[] = [];
  const single = isSingleReference(referencesOf(deps, image.id));
  if (isIdOf(image, ref)) {
    if (single) {
      check(deps, image, { soft: !force, references: false });
      for (const reference of referencesOf(deps, image.id)) untag(deps, image, reference, removed);
    }
    await deleteImage(deps, image, { force, prune, quiet: false }, removed);
    return removed;
  }
  const [user] = deps.imageUsers(image.id);
  if (!force && single && user) {
    throw conflict(
      `conflict: unable to remove repository reference "${ref}" (must force) - container ${shortId(user.id)} is using its referenced image ${shortId(image.id)}`,
    );
  }
  untagName(deps, image, withDefaultTag(parseReference(ref)), removed);
  if (referencesOf(deps, image.id).length === 0) {
    await deleteImage(deps, image, { force, prune, quiet: true }, removed);
  }
  return removed;
}

/** Delete an image by its record, as prune does. Names of it go too. */
export async function deleteImage(
  deps: RemoveDeps,
  image: StoredImage,
  { force, prune, quiet }: { force: boolean; prune: boolean; quiet: boolean },
  removed: Removed[],
): Promise<void> {
  try {
    check(deps, image, { soft: !force, references: !force });
  } catch (error) {
    // The name was what had to go; that the image itself is needed is no failure then.
    if (quiet && error instanceof EngineError && error.kind === "conflict") return;
    throw error;
  }
  for (const reference of referencesOf(deps, image.id)) untag(deps, image, reference, removed);
  deps.records.remove(image.id);
  imageEvent(deps, "delete", image.id, image.id, image);
  removed.push({ Deleted: image.id });
  const { diffIds } = await deps.layerStore.collect();
  const gone = new Set(diffIds);
  const chain = chainIds(image.config.rootfs.diff_ids);
  for (const [index, diffId] of [...image.config.rootfs.diff_ids.entries()].reverse()) {
    if (gone.delete(diffId)) removed.push({ Deleted: chain[index] ?? diffId });
  }
  const parent = deps.records.get(image.parent);
  if (prune && parent && referencesOf(deps, parent.id).length === 0) {
    await deleteImage(deps, parent, { force: false, prune, quiet: true }, removed);
  }
}

/** The digests by which docker knows stacks of layers. */
function chainIds(diffIds: string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    const text = `${below} ${diffId}`;
    chain.push(below === undefined ? diffId : `sha256:${createHash("sha256").update(text).digest("hex")}`);
  }
  return chain;
}

/** A name goes; when it was the repository's last tag of this image, the repository's digests go too. */
function untagName(deps: RemoveDeps, image: StoredImage, reference: Reference, removed: Removed[]): void {
  const { tag: _tag, ...digestOnly } = reference;
  untag(deps, image, reference.digest ? digestOnly : reference, removed);
  if (reference.digest) return;
  const left = referencesOf(deps, image.id).filter((other) => familiarName(other) === familiarName(reference));
  if (left.some(({ digest }) => !digest)) return;
  for (const other of left) untag(deps, image, other, removed);
}

function untag(deps: RemoveDeps, image: StoredImage, reference: Reference, removed: Removed[]): void {
  deps.records.removeReference(canonicalString(reference));
  imageEvent(deps, "untag", image.id, image.id, image);
  removed.push({ Untagged: familiarString(reference) });
}

function check(
  deps: RemoveDeps,
  image: StoredImage,
  { soft, references }: { soft: boolean; references: boolean },
): void {
  const refuse = (how: string, why: string) =>
    conflict(`conflict: unable to delete ${shortId(image.id)} (${how}) - ${why}`);
  if (deps.records.all().some(({ parent }) => parent === image.id)) {
    throw refuse("cannot be forced", "image has dependent child images");
  }
  const users = deps.imageUsers(image.id);
  const running = users.find((user) => user.running);
  if (running) throw refuse("cannot be forced", `image is being used by running container ${shortId(running.id)}`);
  if (references && referencesOf(deps, image.id).length > 0) {
    throw refuse("must be forced", "image is referenced in multiple repositories");
  }
  const [stopped] = users;
  if (soft && stopped)
    throw refuse("must be forced", `image is being used by stopped container ${shortId(stopped.id)}`);
}

function isIdOf(image: StoredImage, ref: string): boolean {
  return image.id.startsWith(ref) || image.id.slice("sha256:".length).startsWith(ref);
}

/** At most one tag, and all digests in its repository. */
function isSingleReference(references: Reference[]): boolean {
  const tags = references.filter(({ digest }) => !digest);
  return tags.length <= 1 && new Set(references.map(familiarName)).size <= 1;
}
