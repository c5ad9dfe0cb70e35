import { readFile } from "node:fs/promises";

/** @returns undefined when the process is gone, or went away while its file was read (ESRCH). */
export async function readIfAlive(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}
