/** What the mounts of a RUN show, and what of it the cache goes by. Nothing is made yet. */
import { invalid } from "../errors.ts";
import type { StoredImage } from "../images/ports.ts";
import type { Build } from "./build.ts";
import { sourceImage } from "./image-source.ts";
import { contextNamed } from "./named-contexts.ts";
import { toBytes } from "./names.ts";
import type { SourceEntry, SourceTree } from "./ports.ts";
import { type BindMount, parseRunMount, type RunMount } from "./run-mounts.ts";
import { hashBelow, resolveEntry } from "./sources.ts";

/** undefined as an image: nothing is in it */
export type BindSource =
  | { kind: "context"; tree: SourceTree; entry: SourceEntry }
  | { kind: "image"; image: StoredImage | undefined };

export type FoundMount = { mount: Exclude<RunMount, BindMount> } | { mount: BindMount; source: BindSource };

/**
 * @param words of the step: each mount as it is written, a bind with a hash of its source. What is in caches and secrets makes
 * no other step.
 */
export type FoundMounts = { mounts: FoundMount[]; words: string[] };

/** @param workdir where relative targets begin. @throws EngineError invalid */
export async function findMounts(build: Build, texts: string[], workdir: string): Promise<FoundMounts> {
  const found: FoundMounts = { mounts: [], words: [] };
  for (const text of texts) {
    const mount = parseRunMount(text, workdir);
    found.words.push(`--mount=${text}`);
    if (mount.type !== "bind") {
      found.mounts.push({ mount });
      continue;
    }
    const source = await sourceOf(build, mount);
    found.mounts.push({ mount, source });
    found.words.push(hashOf(source));
  }
  return found;
}

/** BuildKit's words. */
export const sourceMissing = ({ source }: BindMount) => invalid(`${JSON.stringify(source)}: not found`);

async function sourceOf(build: Build, mount: BindMount): Promise<BindSource> {
  const named = mount.from === "" ? { files: build.context } : contextNamed(build, mount.from);
  if (!named || "image" in named) return { kind: "image", image: await sourceImage(build, mount.from) };
  const tree = await named.files();
  const entry = resolveEntry(tree, toBytes(mount.source.slice(1)));
  if (!entry) throw sourceMissing(mount);
  return { kind: "context", tree, entry };
}

function hashOf(source: BindSource): string {
  if (source.kind === "image") return `image:${source.image?.id ?? "scratch"}`;
  const { tree, entry } = source;
  return `${entry.kind}:${hashBelow(entry, tree.below(entry.path))}`;
}
