/** Files of the content store while they are written: hashed and counted on the way. */
import { createHash, randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";

export type BlobFile = {
  path: string;
  write(chunk: Buffer): Promise<void>;
  /** Bytes written so far. */
  size(): number;
  /** Close; returns the digest of all that was written. */
  finish(): Promise<string>;
  /** Move to its place in the content store. */
  keep(path: string): Promise<void>;
  /** Close and delete, unless kept. */
  [Symbol.asyncDispose](): Promise<void>;
};

export async function createBlobFile(directory: string): Promise<BlobFile> {
  const path = join(directory, `blob-${randomBytes(8).toString("hex")}`);
  const file = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  let size = 0;
  let isOpen = true;
  let kept = false;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await file.close();
  };
  return {
    path,
    async write(chunk) {
      hash.update(chunk);
      size += chunk.length;
      for (let at = 0; at < chunk.length; ) {
        at += (await file.write(chunk, at, chunk.length - at)).bytesWritten;
      }
    },
    size: () => size,
    async finish() {
      await close();
      return `sha256:${hash.digest("hex")}`;
    },
    async keep(target) {
      await rename(path, target);
      kept = true;
    },
    async [Symbol.asyncDispose]() {
      await close();
      if (!kept) await rm(path, { force: true });
    },
  };
}
