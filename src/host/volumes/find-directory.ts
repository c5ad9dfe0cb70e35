/** Where a path of a container's root really is, links followed inside the root only, without mounting anything. */
import { lstat, readlink } from "node:fs/promises";
import { join } from "node:path";

/** As many links as the kernel follows (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * @param layers host directories of an overlay, top first; nobody changes them meanwhile
 * @returns the path below the root ("/srv/data"), or undefined if there is no directory
 *
 * Opaque directories are not looked at: what they hide is found here and then missing in the mounted root, never the
 * other way round; what the mounted root shows is always the topmost entry, and that one is found.
 */
export async function findDirectory(layers: string[], path: string): Promise<string | undefined> {
  const rest = parts(path);
  const at: string[] = [];
  let links = 0;
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (part === "..") {
      at.pop();
      continue;
    }
    const found = await topmost(layers, [...at, part].join("/"));
    if (found?.stat.isSymbolicLink()) {
      if (++links > MAX_LINKS) return undefined;
      const target = await readlink(found.path);
      if (target.startsWith("/")) at.length = 0;
      rest.unshift(...parts(target));
    } else if (found?.stat.isDirectory()) at.push(part);
    else return undefined;
  }
  return `/${at.join("/")}`;
}

function parts(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

async function topmost(layers: string[], path: string) {
  for (const layer of layers) {
    const here = join(layer, path);
    const stat = await lstat(here).catch((error: NodeJS.ErrnoException) => {
      // ENOTDIR: a file of this layer stands where a lower one has a directory; it is found at its own name.
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw error;
    });
    if (stat === undefined) continue;
    // A whiteout, 0:0, says that the name is gone (overlayfs documentation).
    return stat.isCharacterDevice() && stat.rdev === 0 ? undefined : { path: here, stat };
  }
  return undefined;
}
