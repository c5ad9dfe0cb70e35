/**
 * Deletion in two phases: a rename, which is atomic, takes a tree out of use; the unlinking may take its time and may
 * be interrupted, since the next start goes on with it.
 */
import { randomBytes } from "node:crypto";
import { renameSync } from "node:fs";
import { readdir, rm, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isErrno } from "../../lib/errno.ts";

export type Trash = {
  /** Move a file or tree away and delete it in the background. Missing is fine. */
  discard(path: string): Promise<void>;
  /** The same at once. @returns false when it is missing or cannot be moved (no space for the name, another file system) */
  discardNow(path: string): boolean;
  /** Resolves when all that was discarded is gone. */
  emptied(): Promise<void>;
};

/** Milliseconds in which whoever waits for the rename has been answered. */
const LATER = 10;
/** What cannot be moved is deleted where it is. */
const NOT_MOVED = ["ENOENT", "EXDEV", "ENOSPC", "EDQUOT"];

/** @param onFailure told when something cannot be deleted; the next start tries again */
export function createTrash(directory: string, onFailure: (error: unknown) => void): Trash {
  let work: Promise<unknown> = Promise.resolve();
  const remove = (path: string) => {
    work = work.then(() => removeTree(path)).catch(onFailure);
  };
  const discardNow = (path: string) => {
    const grave = join(directory, randomBytes(8).toString("hex"));
    try {
      renameSync(path, grave);
    } catch (error) {
      if (isErrno(error, ...NOT_MOVED)) return false;
      throw error;
    }
    remove(grave);
    return true;
  };
  return {
    async discard(path) {
      if (!discardNow(path)) await rm(path, { recursive: true, force: true });
    },
    discardNow,
    async emptied() {
      for (const name of await readdir(directory)) remove(join(directory, name));
      await work;
    },
  };
}

/**
 * Never on the main thread: a file system mounted with `discard` and without a journal (ext4) tells the disk of every freed
 * block before rmdir(2) returns, which takes milliseconds each.
 */
async function removeTree(path: string): Promise<void> {
  await delay(LATER);
  await removeDirectory(path).catch(() => rm(path, { recursive: true, force: true }));
}

/** In half the trips to the thread pool that rm takes. */
async function removeDirectory(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    await (entry.isDirectory() ? removeDirectory(below) : unlink(below));
  }
  await rmdir(path);
}
