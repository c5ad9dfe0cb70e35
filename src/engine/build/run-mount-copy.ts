/** The source of a bind mount as a copy: in a layer that is gone when its RUN has ended, and what was written with it. */
import { posix } from "node:path";
import { invalid } from "../errors.ts";
import { FileError } from "../files/ports.ts";
import type { Build } from "./build.ts";
import { openedTrees } from "./gather-sources.ts";
import { openInImage } from "./image-source.ts";
import type { WorkLayer } from "./layer.ts";
import { toText } from "./names.ts";
import type { PackedEntry, SourceEntry, SourceTree } from "./ports.ts";
import { type BindSource, sourceMissing } from "./run-mount-sources.ts";
import type { BindMount } from "./run-mounts.ts";
import { nameIn } from "./sources.ts";

type Bind = { mount: BindMount; source: BindSource };
type Top = { tree: SourceTree; entry: SourceEntry; owner: { uid: number; gid: number } | undefined };

/** @param name of the copy in the layer. @returns its path on the host: a file or a directory, never a link */
export async function copySource(
  build: Build,
  { mount, source }: Bind,
  place: WorkLayer & { name: string },
): Promise<string> {
  // What comes from outside is root's, what comes from an image keeps its owners.
  if (source.kind === "context") return copy(build, mount, place, { ...source, owner: { uid: 0, gid: 0 } });
  await using opened = openedTrees();
  const found = await openInImage(build, { image: source.image, path: mount.source }, opened.add);
  if (!found) throw sourceMissing(mount);
  return await copy(build, mount, place, { ...found, owner: undefined });
}

async function copy(build: Build, mount: BindMount, place: WorkLayer & { name: string }, top: Top): Promise<string> {
  const { kind, path } = top.entry;
  if (kind !== "file" && kind !== "dir") {
    throw invalid(`RUN --mount: ${JSON.stringify(mount.source)} is neither a file nor a directory: ${toText(path)}`);
  }
  const { host, fileHost } = build.deps;
  try {
    await fileHost.extract(place.root, "/", host.pack(entriesOf(top, place.name)), { keepKinds: false });
  } catch (error) {
    if (error instanceof FileError) throw invalid(`RUN --mount: ${error.call} ${error.path}: ${error.errno}`);
    throw error;
  }
  return posix.join(place.layer.base, place.layer.upper, place.name);
}

function entriesOf({ tree, entry: top, owner }: Top, name: string): PackedEntry[] {
  return tree.below(top.path).map((entry) => ({
    ...{ name: entry === top ? name : `${name}/${nameIn(top, entry)}`, owner, tree, entry, top },
  }));
}
