/**
 * What an unpacked layer holds so far, as far as names need it: which are directories, where symlinks lead.
 *
 * A layer is unpacked into an empty directory, so the entries seen are all there is. Each name of the archive is
 * resolved here, as the kernel would with the layer as its root; what goes to tar has no symlink left in its path.
 */
import { invalid } from "../../engine/errors.ts";
import type { TarEntry } from "./tar-reader.ts";

export type DirectoryNode = { kind: "dir"; children: Map<string, Node>; entry: TarEntry; opaque: boolean };
export type Node = DirectoryNode | { kind: "symlink"; target: string } | { kind: "other" } | { kind: "whiteout" };
export type Place = { node: DirectoryNode; path: string[] };

const MAX_SYMLINKS = 40;
const MAX_PATH = 4095;

/**
 * A name of the archive as path components; [] is the root.
 * @throws EngineError invalid when it leads out
 */
export function cleanName(name: string): string[] {
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) throw invalid(`${JSON.stringify(name)} is outside of "/"`);
  }
  if (name.length > MAX_PATH) throw invalid(`name of ${name.length} bytes in archive: file name too long`);
  return parts;
}

/**
 * Walk to a directory, following symlinks inside the root.
 * @param missing called for a component that does not exist; its answer is walked into. undefined ends the walk.
 * @returns undefined when `missing` gave nothing
 * @throws EngineError invalid on a file in the way or too many symlinks
 */
export function walk(
  root: DirectoryNode,
  parts: string[],
  missing: (parent: Place, name: string) => DirectoryNode | undefined,
): Place | undefined {
  let places: Place[] = [{ node: root, path: [] }];
  const pending = [...parts].reverse();
  let symlinks = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (places.length > 1) places.pop();
      continue;
    }
    const here = places.at(-1) as Place;
    let child = here.node.children.get(name);
    if (child === undefined || child.kind === "whiteout") {
      child = missing(here, name);
      if (child === undefined) return undefined;
    }
    if (child.kind === "dir") places.push({ node: child, path: [...here.path, name] });
    else if (child.kind === "symlink") {
      if (++symlinks > MAX_SYMLINKS) throw invalid(`${parts.join("/")}: too many levels of symbolic links`);
      if (child.target.startsWith("/")) places = places.slice(0, 1);
      pending.push(...child.target.split("/").reverse());
      if (pending.length > MAX_PATH) throw invalid(`${parts.join("/")}: file name too long`);
    } else throw invalid(`${parts.join("/")}: not a directory`);
  }
  return places.at(-1);
}
