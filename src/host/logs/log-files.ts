/** The files of a container's json-file log: PATH is written to, PATH.1 (or PATH.1.gz) is older, PATH.2 older still. */
import { watch as watchPath } from "node:fs";
import { type FileHandle, mkdtemp, open, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { LogFile, LogFiles } from "../../engine/ports.ts";
import { compressRotated } from "./compress-rotated.ts";

export function createLogFiles(): LogFiles {
  return { open: openAll, isCurrent, watch, compress: compressRotated };
}

async function openAll(path: string): Promise<LogFile[]> {
  const files: LogFile[] = [];
  // The newest first: should a rotation come between, a file is met twice rather than missed.
  for (const name of [basename(path), ...(await rotated(path))]) {
    const file = await openEither(join(dirname(path), name));
    if (file && files.some(({ inode }) => inode === file.inode)) await file.close();
    else if (file) files.unshift(file);
  }
  return files;
}

/** Names of the rotated files, newest first. */
async function rotated(path: string): Promise<string[]> {
  const start = `${basename(path)}.`;
  const numberOf = (name: string) => Number(/^(\d+)(?:\.gz)?$/.exec(name.slice(start.length))?.[1] ?? Number.NaN);
  const names = (await readdir(dirname(path)).catch(orMissing)) ?? [];
  return (
    names
      .filter((name) => name.startsWith(start) && numberOf(name) > 0)
      // While a compressed file is put into its place both are there.
      .filter((name) => !name.endsWith(".gz") || !names.includes(name.slice(0, -".gz".length)))
      .sort((a, b) => numberOf(a) - numberOf(b))
  );
}

/** A plain file may be replaced by its compressed one between the look at the directory and this. */
async function openEither(path: string): Promise<LogFile | undefined> {
  return (await openOne(path)) ?? (/\.\d+$/.test(path) ? await openOne(`${path}.gz`) : undefined);
}

async function openOne(path: string): Promise<LogFile | undefined> {
  const handle = await open(path, "r").catch(orMissing);
  if (!handle) return undefined;
  const { ino } = await handle.stat();
  return logFile(ino, path.endsWith(".gz") ? await unpack(handle) : handle);
}

/** Into a file without a name: it is gone when it is closed. `packed` is closed. */
async function unpack(packed: FileHandle): Promise<FileHandle> {
  const directory = await mkdtemp(join(tmpdir(), "cloche-log-"));
  try {
    const handle = await open(join(directory, "log"), "w+", 0o600);
    await pipeline(packed.createReadStream(), createGunzip(), async (text: AsyncIterable<Buffer>) => {
      for await (const chunk of text) await handle.write(chunk);
    });
    return handle;
  } finally {
    await rm(directory, { recursive: true });
  }
}

function logFile(inode: number, handle: FileHandle): LogFile {
  return {
    inode,
    size: async () => (await handle.stat()).size,
    read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
    close: () => handle.close(),
  };
}

async function isCurrent(path: string, inode: number): Promise<boolean> {
  const found = await stat(path).catch(orMissing);
  return found === undefined || found.ino === inode;
}

/** inotify(7) on the directory: it also tells of the rename and the new file of a rotation. */
function watch(path: string, changed: Parameters<LogFiles["watch"]>[1]): () => void {
  const name = basename(path);
  const watcher = watchPath(dirname(path), { persistent: false }, (kind, file) => {
    if (file === null || file.startsWith(name)) changed(kind === "rename" ? "moved" : "written");
  });
  watcher.on("error", () => changed("moved")); // the directory went away: the reader looks for itself
  return () => watcher.close();
}

function orMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
