/** Find where the last N lines of a log begin, reading from its end. */
import type { LogFile } from "../ports.ts";

const BLOCK = 64 * 1024;
const NEWLINE = 0x0a;

/** A place in a log that is several files. */
export type LogPosition = { file: number; offset: number };

/**
 * @param files oldest first
 * @param lines how many of the last lines are wanted
 * @returns where to begin to read
 */
export async function tailPosition(files: LogFile[], lines: number): Promise<LogPosition> {
  let missing = lines;
  const block = Buffer.allocUnsafe(BLOCK);
  for (let index = files.length - 1; index >= 0; index--) {
    const file = files[index] as LogFile;
    const size = await file.size();
    if (missing === 0) return { file: index, offset: size };
    for (let end = size; end > 0; ) {
      const begin = Math.max(0, end - BLOCK);
      const read = await file.read(block.subarray(0, end - begin), begin);
      for (
        let at = block.lastIndexOf(NEWLINE, read - 1);
        at >= 0;
        at = at === 0 ? -1 : block.lastIndexOf(NEWLINE, at - 1)
      ) {
        // The newline at the very end belongs to the last line; each other one ends the line before a wanted one.
        if (begin + at + 1 === size) continue;
        if (--missing === 0) return { file: index, offset: begin + at + 1 };
      }
      end = begin;
    }
    // The file's first line has no newline before it.
    if (size > 0 && --missing === 0) return { file: index, offset: 0 };
  }
  return { file: 0, offset: 0 };
}
