/** How much a tree holds whose owner may change it while we look: a container that has the volume. */
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Whoever nests deeper wants to fill our memory. */
const MAX_DEPTH = 4096;

/**
 * Bytes in files, links not followed, hard links counted once. What vanishes meanwhile counts nothing.
 *
 * A directory that was seen may be a link by the time it is opened: so each step goes from the open parent, by one name, and
 * never through a link (O_NOFOLLOW). Node has no openat(2); /proc/self/fd/N/NAME is the same.
 */
export async function diskUse(directory: string): Promise<number> {
  const seen = new Set<string>();
  const top = await openDirectory(directory);
  return top === undefined ? 0 : await use(top, seen, 0);
}

/** Closes it. */
async function use(directory: FileHandle, seen: Set<string>, depth: number): Promise<number> {
  const here = `/proc/self/fd/${directory.fd}`;
  let total = 0;
  try {
    for (const entry of await readdir(here, { withFileTypes: true })) {
      const path = join(here, entry.name);
      if (entry.isDirectory()) {
        const child = depth < MAX_DEPTH ? await openDirectory(path) : undefined;
        if (child) total += await use(child, seen, depth + 1);
      } else if (entry.isFile()) total += await sizeOnce(path, seen);
    }
  } finally {
    await directory.close();
  }
  return total;
}

async function openDirectory(path: string): Promise<FileHandle | undefined> {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  try {
    return await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    return unlessGone(error);
  }
}

async function sizeOnce(path: string, seen: Set<string>): Promise<number> {
  try {
    const { dev, ino, nlink, size } = await lstat(path);
    if (nlink > 1 && seen.has(`${dev}:${ino}`)) return 0;
    if (nlink > 1) seen.add(`${dev}:${ino}`);
    return size;
  } catch (error) {
    return unlessGone(error) ?? 0;
  }
}

/** ENOENT: removed; ELOOP and ENOTDIR: something else stands there now. */
function unlessGone(error: unknown): undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR") return undefined;
  throw error;
}
