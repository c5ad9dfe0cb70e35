/** The exit record that a monitor has left: how an engine that was not there learns of the end. */
import { readFile } from "node:fs/promises";
import type { ExitRecord } from "../../engine/ports.ts";
import { isErrno } from "../../lib/errno.ts";
import { decodeExitRecord } from "./events.ts";

/** @returns undefined when there is none: the monitor died before it could write it */
export async function readExitRecord(path: string): Promise<ExitRecord | undefined> {
  try {
    return decodeExitRecord(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
