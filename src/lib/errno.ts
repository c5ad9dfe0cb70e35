/** Errors of system calls as node throws them, and the commonest answer to one. */
import { readFileSync } from "node:fs";

/** Is it a system error with one of these names ("ENOENT")? */
export function isErrno(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && "code" in error && names.includes(String(error.code));
}

/** Text of a small file; "" if there is none. Throws what else open(2) and read(2) say. */
export function readTextIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return "";
    throw error;
  }
}
