/**
 * Deletion in two phases: a rename, which is atomic, takes a tree out of use; the unlinking may take its time and may
 * be interrupted, since the next start goes on with it.
 */
import { randomBytes } from "node:crypto";
import { lstatSync, readdirSync, renameSync, rmdirSync, unlinkSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export type Trash = {
  /** Move a file or tree away and delete it in the background. Missing is fine. */
  discard(path: string): Promise<void>;
  /** Resolves when all that was discarded is gone. */
  emptied(): Promise<void>;
};

/** Milliseconds in which whoever waits for the rename has been answered. */
const LATER = 10;
/** Entries of a tree that is deleted on the main thread: through the thread pool each would take longer than ten here. */
const FEW = 64;
/** Bytes of a file that is unlinked there. */
const SMALL = 1024 * 1024;

/** @param onFailure told when something cannot be deleted; the next start tries again */
export function createTrash(directory: string, onFailure: (error: unknown) => void): Trash {
  let work: Promise<unknown> = Promise.resolve();
  const remove = (path: string) => {
    work = work.then(() => removeTree(path)).catch(onFailure);
  };
  return {
    async discard(path) {
      const grave = join(directory, randomBytes(8).toString("hex"));
      try {
        renameSync(path, grave);
      } catch (error) {
        if (isMissing(error)) return;
        throw error;
      }
      remove(grave);
    },
    async emptied() {
      for (const name of await readdir(directory)) remove(join(directory, name));
      await work;
    },
  };
}

async function removeTree(path: string): Promise<void> {
  await delay(LATER);
  if (!removeSmall(path, { entries: FEW })) await rm(path, { recursive: true, force: true });
}

/** @returns false when it is too large, or something stands in the way; a part of it may be gone then */
function removeSmall(path: string, left: { entries: number }): boolean {
  if (left.entries-- <= 0) return false;
  try {
    const stats = lstatSync(path);
    if (!stats.isDirectory()) {
      if (stats.size > SMALL) return false;
      unlinkSync(path);
      return true;
    }
    for (const name of readdirSync(path)) if (!removeSmall(join(path, name), left)) return false;
    rmdirSync(path);
    return true;
  } catch {
    return false; // rm tells what is wrong
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
