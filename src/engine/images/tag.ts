import {
  canonicalString,
  familiarName,
  familiarString,
  isDigest,
  parseReference,
  type Reference,
  withDefaultTag,
  withTag,
} from "../../wire/reference.ts";
import { invalid } from "../errors.ts";
import type { AddImageDeps } from "./add-image.ts";
import { imageEvent } from "./image-event.ts";
import { findStored } from "./image-set.ts";

/**
 * The reference that `repo` and `tag` parameters mean; latest without a tag.
 * @throws InvalidInput, EngineError invalid when it has a digest
 */
export function repoAndTag(repo: string, tag: string): Reference {
  const parsed = parseReference(repo);
  if (parsed.digest || isDigest(tag)) throw invalid("refusing to create a tag with a digest reference");
  return withDefaultTag(tag === "" ? parsed : withTag(parsed, tag));
}

/** Give an image one more name. @throws EngineError not-found, invalid for sha256:…, which would read as an id, InvalidInput */
export function tagImage(
  deps: Pick<AddImageDeps, "records" | "events" | "now">,
  ref: string,
  { repo, tag }: { repo: string; tag: string },
): void {
  const image = findStored(deps, ref);
  const name = repoAndTag(repo, tag);
  if (familiarName(name) === "sha256") {
    throw invalid("refusing to create an ambiguous tag using digest algorithm as name");
  }
  deps.records.save({ ...image, taggedAt: deps.now() }, [canonicalString(name)]);
  imageEvent(deps, "tag", image.id, familiarString(name), image);
}
