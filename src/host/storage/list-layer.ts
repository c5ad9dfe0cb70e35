/** What is in an unpacked layer: its files counted, and the largest of them. Symlinks are not followed. */
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { LayerListing } from "../../engine/images/layers.ts";

/** An answer for people: nobody reads more names. */
const NAMED = 200;

/** @param directory as the layer store has it: a layer's directory never changes while an image has it */
export async function listLayer(directory: string): Promise<LayerListing> {
  const found: LayerListing = { files: 0, directories: 0, removed: 0, largest: [], more: 0 };
  const pending = [""];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const entries = await readdir(join(directory, at), { withFileTypes: true });
    for (const entry of entries) {
      const path = `${at}/${entry.name}`;
      if (entry.isDirectory()) {
        found.directories++;
        pending.push(path);
        continue;
      }
      const { size, mode, rdev } = await lstat(join(directory, path));
      // overlayfs' mark for a name that is taken away: a character device 0/0 (overlayfs.rst, "whiteouts and opaque directories")
      if (entry.isCharacterDevice() && rdev === 0) {
        found.removed++;
        continue;
      }
      found.files++;
      found.largest.push({
        path,
        size,
        mode: modeText(mode, entry.isSymbolicLink() ? "l" : entry.isFile() ? "-" : "?"),
      });
    }
    if (found.largest.length > NAMED * 20) keepLargest(found);
  }
  keepLargest(found);
  found.more = found.files - found.largest.length;
  return found;
}

function keepLargest(found: LayerListing): void {
  found.largest.sort((a, b) => b.size - a.size);
  found.largest.length = Math.min(found.largest.length, NAMED);
}

/** As ls shows it: "-rwsr-xr-x" */
function modeText(mode: number, kind: string): string {
  const letters = [..."rwxrwxrwx"].map((letter, at) => (mode & (0o400 >> at) ? letter : "-"));
  const special = (bit: number, at: number, letter: string) => {
    if (mode & bit) letters[at] = letters[at] === "-" ? letter.toUpperCase() : letter;
  };
  special(0o4000, 2, "s");
  special(0o2000, 5, "s");
  special(0o1000, 8, "t");
  return kind + letters.join("");
}
