/**
 * Deletion in two phases: a rename, which is atomic, takes a tree out of use; the unlinking may take its time and may
 * be interrupted, since the next start goes on with it.
 */
import { randomBytes } from "node:crypto";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

export type Trash = {
  /** Move a file or tree away and delete it in the background. Missing is fine. */
  discard(path: string): Promise<void>;
  /** Resolves when all that was discarded is gone. */
  emptied(): Promise<void>;
};

/** @param onFailure told when something cannot be deleted; the next start tries again */
export function createTrash(directory: string, onFailure: (error: unknown) => void): Trash {
  let work: Promise<unknown> = Promise.resolve();
  const remove = (path: string) => {
    work = work.then(() => rm(path, { recursive: true, force: true })).catch(onFailure);
  };
  return {
    async discard(path) {
      const grave = join(directory, randomBytes(8).toString("hex"));
      try {
        await rename(path, grave);
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

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
