/** Secrets of a build, as files for one step. */
import { mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** @param facts whom it is given to when it is whole */
export async function writeSecret(
  path: string,
  content: Buffer,
  { uid, gid, mode }: { uid: number; gid: number; mode: number },
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(content);
    await file.chown(uid, gid);
    await file.chmod(mode);
  } finally {
    await file.close();
  }
}

export const removeSecret = (path: string): Promise<void> => rm(path, { force: true });
