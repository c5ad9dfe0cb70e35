/** The files of an image, for a client that wants them instead of it. */

import type { BuildDeps } from "./build.ts";
import { imageTree, TOP } from "./image-source.ts";
import type { SourceEntry } from "./ports.ts";
import { nameIn } from "./sources.ts";

/** @property files parents before what they hold; paths are byte strings (latin1), the root itself is not among them */
export type ImageFiles = {
  files: { path: string; entry: SourceEntry }[];
  read(entry: SourceEntry): AsyncIterable<Buffer>;
  /** All of them, as tar. */
  archive(): AsyncIterable<Buffer>;
  close(): Promise<void>;
};

/** @param id the image's. @throws EngineError not-found */
export async function imageFiles(deps: BuildDeps, id: string): Promise<ImageFiles> {
  const tree = await imageTree(deps, deps.images.findStored(id), "/");
  const [top, ...below] = tree?.below(TOP) ?? [];
  const files = top ? below.map((entry) => ({ path: nameIn(top, entry), entry })) : [];
  return {
    files,
    read: (entry) => (tree ? tree.read(entry) : none()),
    archive: () => deps.host.pack(tree ? files.map(({ path, entry }) => ({ name: path, tree, entry })) : []),
    close: async () => tree?.close(),
  };
}

async function* none(): AsyncGenerator<Buffer> {}
