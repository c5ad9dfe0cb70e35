/** Small reads and writes on cgroup file systems. */

import { constants } from "node:fs";
import { access, open, readFile } from "node:fs/promises";
import { isErrno } from "../../lib/errno.ts";

/** @returns undefined when the file is missing, or its cgroup went away while it was read (ENODEV). */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENODEV")) return undefined;
    throw error;
  }
}

/**
 * One write(2) to a file that exists: each write is a command to the kernel, and none may make a file.
 * @throws Error `write DATA to PATH: ERRNO` with the errno's name as code.
 */
export async function writeCommand(path: string, data: string): Promise<void> {
  try {
    await using file = await open(path, constants.O_WRONLY);
    await file.write(data);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw Object.assign(new Error(`write ${data} to ${path}: ${code}`, { cause: error }), { code });
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

/** "key value" lines to numbers. */
export function keyedNumbers(text: string): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    if (space > 0) numbers[line.slice(0, space)] = Number(line.slice(space + 1));
  }
  return numbers;
}

/** Only what is there. */
export const some = <T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as never;
