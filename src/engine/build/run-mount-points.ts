/** Places for the mounts of a RUN: what its image does not have is made for them, and is no part of what the step leaves. */
import { posix } from "node:path";
import { EngineError } from "../errors.ts";
import type { OwnLayer } from "../files/mount-points.ts";
import type { BuildDeps } from "./build.ts";
import { findDestination } from "./destination.ts";
import { workLayer } from "./layer.ts";
import { toBytes } from "./names.ts";

/**
 * Asked before the container starts.
 * @returns what will be made, as paths in the layer: byte strings without a slash in front
 */
export async function missingMountPoints(
  deps: Pick<BuildDeps, "fileHost" | "files">,
  own: OwnLayer,
  targets: string[],
): Promise<ReadonlySet<string>> {
  const missing = new Set<string>();
  for (const target of targets) {
    for (const path of await missingAt(deps, own, target)) missing.add(toBytes(posix.relative("/", path)));
  }
  return missing;
}

async function missingAt(
  deps: Pick<BuildDeps, "fileHost" | "files">,
  own: OwnLayer,
  target: string,
): Promise<string[]> {
  try {
    const { kind, path, missingParents } = await findDestination(deps.fileHost, workLayer(deps, own), target);
    return kind === "missing" ? [...missingParents, path] : [];
  } catch (error) {
    // A file or a ring of links in the way: the start fails of it, and says so better.
    if (error instanceof EngineError) return [];
    throw error;
  }
}
