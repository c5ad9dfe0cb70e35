/** --from: the files of a stage that is through, or of an image. */
import { posix } from "node:path";
import type { FilesRoot } from "../../isolation/compile-files.ts";
import { eachPiece } from "../../lib/batches.ts";
import { EngineError, invalid } from "../errors.ts";
import { begin } from "../files/begin.ts";
import { FileError, type PathFacts } from "../files/ports.ts";
import type { StoredImage } from "../images/ports.ts";
import { baseImage, stageNamed } from "./base-image.ts";
import type { Build, BuildDeps } from "./build.ts";
import { withLayer } from "./layer.ts";
import { contextNamed } from "./named-contexts.ts";
import type { SourceEntry, SourceTree } from "./ports.ts";
import { type SourceRoot, treeRoot } from "./sources.ts";

/** An archive's first entry must be called something. */
export const TOP = "x";

/**
 * @param from a stage's name or number, or an image
 * @param opened is told of the trees that are to be closed
 */
export async function imageRoot(build: Build, from: string, opened: (tree: SourceTree) => void): Promise<SourceRoot> {
  const context = contextNamed(build, from);
  if (context && "files" in context) return treeRoot(await context.files());
  const image = await sourceImage(build, from);
  return {
    missing: "",
    open: (path) => openInImage(build, { image, path }, opened),
  };
}

/** @returns what is at a path, links followed; undefined when there is nothing */
export async function openInImage(
  build: Build,
  { image, path }: { image: StoredImage | undefined; path: string },
  opened: (tree: SourceTree) => void,
): Promise<{ tree: SourceTree; entry: SourceEntry } | undefined> {
  const tree = await imageTree(build.deps, image, path);
  if (!tree) return undefined;
  opened(tree);
  const entry = tree.entry(TOP);
  return entry && { tree, entry };
}

/**
 * The image that a stage's name or number, or an image's name, stands for; undefined for one with nothing in it.
 * @throws EngineError invalid
 */
export async function sourceImage(build: Build, from: string): Promise<StoredImage | undefined> {
  try {
    const stage = stageNamed(build, from) ?? stageNumbered(build, from);
    if (stage) return stage.image;
    // Only a trigger of a base image can mean one of those: it is not to be looked for among the registries' images.
    if (build.leftOut.includes(from.toLowerCase()))
      throw invalid("nothing in the Dockerfile needs it: it is not built");
    return await baseImage(build, from, build.request.platform);
  } catch (error) {
    if (error instanceof EngineError) throw invalid(`invalid from flag value ${from}: ${error.message}`);
    throw error;
  }
}

function stageNumbered({ done }: Build, text: string) {
  if (!/^-?\d+$/.test(text)) return undefined;
  const index = Number(text);
  const stage = done.find((one) => one.index === index);
  if (!stage) throw invalid(index === done.length ? "refers to current build stage" : "index out of bounds");
  return stage;
}

/** What is at a path, as TOP of a tree. @returns undefined when there is nothing at that path */
export async function imageTree(
  deps: BuildDeps,
  image: StoredImage | undefined,
  path: string,
): Promise<SourceTree | undefined> {
  return inImage(deps, image, path, async ({ target }, root) => {
    const archive = await deps.fileHost.archive(root, target, { name: TOP, ownFileSystem: true });
    try {
      return await deps.host.openTree(eachPiece(await begin(archive.tar)));
    } finally {
      archive.close();
      await archive.ended;
    }
  });
}

/** @param work with what is at a path; links are followed inside the image, also one at its end. @returns undefined for nothing */
export async function inImage<T>(
  deps: BuildDeps,
  image: StoredImage | undefined,
  path: string,
  work: (facts: PathFacts, root: FilesRoot) => T | Promise<T>,
): Promise<T | undefined> {
  return withLayer(deps, image, async ({ root }) => {
    try {
      return await work(await deps.fileHost.stat(root, posix.join("/", path)), root);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      if (error.errno === "ENOENT" || error.errno === "ENOTDIR") return undefined;
      throw invalid(`${error.call} ${error.path}: ${error.errno}`);
    }
  });
}
