/** PATH.1 becomes PATH.1.gz, by way of PATH.INODE.tmp. */
import { createWriteStream } from "node:fs";
import { open, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { EngineError } from "../../engine/errors.ts";

type Place = (inode: bigint) => Promise<void>;

/** LogFiles.compress of engine/ports.ts. */
export async function compressRotated(path: string, place: Place = (inode) => placeAlone(path, inode)): Promise<void> {
  const names = await readdir(dirname(path)).catch(orMissing);
  for (const name of names ?? []) if (isLeft(path, name)) await rm(join(dirname(path), name), { force: true });
  for (const number of plainOnes(path, names ?? [])) await compressOne(path, `${path}.${number}`, place);
}

/** Of an engine that was killed at this. */
function isLeft(path: string, name: string): boolean {
  return name.startsWith(`${basename(path)}.`) && /^\d+\.tmp$/.test(name.slice(basename(path).length + 1));
}

/** Numbers of the rotated files that are not compressed, the oldest first. */
function plainOnes(path: string, names: string[]): number[] {
  const start = `${basename(path)}.`;
  return names
    .filter((name) => name.startsWith(start) && /^[1-9]\d*$/.test(name.slice(start.length)))
    .map((name) => Number(name.slice(start.length)))
    .sort((a, b) => b - a);
}

async function compressOne(path: string, rotated: string, place: Place): Promise<void> {
  const file = await open(rotated, "r").catch(orMissing);
  if (!file) return;
  const { ino } = await file.stat({ bigint: true });
  const packed = `${path}.${ino}.tmp`;
  try {
    // The stream closes the file.
    await pipeline(file.createReadStream(), createGzip(), createWriteStream(packed, { flags: "wx", mode: 0o640 }));
    await place(ino);
  } catch (error) {
    await rm(packed, { force: true });
    const dropped = error instanceof EngineError || (error as NodeJS.ErrnoException).code === "ENOENT";
    if (!dropped) throw error;
  }
}

/** What the monitor does while it runs (native/log_json.c). Throws EngineError not-found. */
async function placeAlone(path: string, inode: bigint): Promise<void> {
  for (const number of plainOnes(path, await readdir(dirname(path)))) {
    const rotated = `${path}.${number}`;
    if ((await stat(rotated, { bigint: true })).ino !== inode) continue;
    await rename(`${path}.${inode}.tmp`, `${rotated}.gz`);
    await unlink(rotated);
    return;
  }
  throw new EngineError("not-found", "the log file has been dropped");
}

function orMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
