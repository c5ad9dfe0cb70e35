/** Where a path leads in a layer, as far as there is something, and what would have to be made. */
import { posix } from "node:path";
import { invalid } from "../errors.ts";
import { FileError, type FileHost, type PathFacts } from "../files/ports.ts";
import type { WorkLayer } from "./layer.ts";

export type Destination = {
  /** absolute, without a link in it but perhaps at its end */
  path: string;
  kind: "dir" | "other" | "missing";
  /** directories above it that there are not, the highest first */
  missingParents: string[];
};

const MAX_LINKS = 40;

/** @throws EngineError invalid where a file is in the way, or links go round */
export async function findDestination(
  fileHost: Pick<FileHost, "stat">,
  layer: WorkLayer,
  path: string,
  links = 0,
): Promise<Destination> {
  if (links > MAX_LINKS) throw failed(`stat ${path}: too many levels of symbolic links`);
  const facts = await statOf(fileHost, layer, path);
  if (facts?.kind === "symlink") {
    // A link into nothing is told as it is written.
    return findDestination(fileHost, layer, posix.resolve(posix.dirname(path), facts.target), links + 1);
  }
  if (facts) return { path: facts.target, kind: facts.kind === "dir" ? "dir" : "other", missingParents: [] };
  const above = await findDestination(fileHost, layer, posix.dirname(path), links);
  if (above.kind === "other") throw failed(`mkdir ${above.path}: not a directory`);
  const missingParents = above.kind === "missing" ? [...above.missingParents, above.path] : [];
  return { path: posix.join(above.path, posix.basename(path)), kind: "missing", missingParents };
}

async function statOf(
  fileHost: Pick<FileHost, "stat">,
  { root }: WorkLayer,
  path: string,
): Promise<PathFacts | undefined> {
  try {
    return await fileHost.stat(root, path);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (error.errno === "ENOENT") return undefined;
    if (error.errno === "ENOTDIR") throw failed(`mkdir ${posix.dirname(path)}: not a directory`);
    throw failed(`${error.call} ${error.path}: ${error.errno}`);
  }
}

const failed = (why: string) => invalid(`failed to copy files: ${why}`);
