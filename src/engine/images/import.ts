/** docker import: a root file system's archive becomes an image of one layer. */
import { createReadStream } from "node:fs";
import { type Platform, parsePlatform } from "../../wire/platform.ts";
import type { Reference } from "../../wire/reference.ts";
import { invalid } from "../errors.ts";
import { type AddImageDeps, addImage } from "./add-image.ts";
import { applyChanges } from "./changes.ts";
import { imageEvent } from "./image-event.ts";
import type { StoredImage } from "./ports.ts";
import { repoAndTag } from "./tag.ts";

export type ImportRequest = {
  /** "" for an untagged image */
  repo: string;
  tag: string;
  message: string;
  /** Dockerfile instructions */
  changes: string[];
  /** os[/arch[/variant]], "" for the host's */
  platform: string;
};

/**
 * @param source the archive, compressed or not
 * @throws EngineError invalid, InvalidInput; before any byte is read for a bad request
 */
export async function importImage(
  deps: AddImageDeps,
  source: AsyncIterable<Buffer>,
  request: ImportRequest,
): Promise<StoredImage> {
  const names: Reference[] = request.repo === "" ? [] : [repoAndTag(request.repo, request.tag)];
  const config = applyChanges({}, request.changes);
  const platform: Platform = request.platform === "" ? deps.host : parsePlatform(request.platform, deps.host);
  if (platform.os !== deps.host.os) throw invalid("operating system is not supported");
  const created = deps.now();
  const image = await addImage(deps, {
    layer: source,
    config,
    platform,
    names,
    history: { created, comment: request.message || "Imported from -" },
  });
  imageEvent(deps, "import", image.id, image.id, image);
  return image;
}

/** The same from a file of this host, at the speed of the disk. */
export function importFile(deps: AddImageDeps, path: string, request: ImportRequest): Promise<StoredImage> {
  return importImage(deps, createReadStream(path, { highWaterMark: 1024 * 1024 }), request);
}
