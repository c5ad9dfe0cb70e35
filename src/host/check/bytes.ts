/** Sizes of trees on disk, as du(1) has them. */
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Bytes that a file or tree takes, hard links counted once, other file systems left out. What vanishes meanwhile counts nothing. */
export async function bytesOf(path: string): Promise<number> {
  const seen = new Set<number>();
  let device: number | undefined;
  async function measure(at: string): Promise<number> {
    const found = await lstat(at).catch(() => undefined);
    if (!found) return 0;
    device ??= found.dev;
    if (found.dev !== device || seen.has(found.ino)) return 0;
    if (found.nlink > 1) seen.add(found.ino);
    let bytes = found.blocks * 512; // stat(2): st_blocks counts 512 bytes
    if (!found.isDirectory()) return bytes;
    for (const name of await readdir(at).catch(() => [])) bytes += await measure(join(at, name));
    return bytes;
  }
  return measure(path);
}
