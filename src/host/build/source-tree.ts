/**
 * The sources of a build: an archive's contents in one nameless heap on disk, and an index of its files in memory.
 *
 * Nothing is unpacked, so no link of the archive can lead anywhere: links are texts, which the engine resolves in the index.
 */
import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SourceEntry, SourceTree } from "../../engine/build/ports.ts";
import { invalid } from "../../engine/errors.ts";
import { decompress } from "../storage/decompress.ts";
import { cleanName } from "../storage/layer-tree.ts";
import { isHarmless } from "../storage/safe-layer.ts";
import { readTar, type TarEntry } from "../storage/tar-reader.ts";
import { bounded, type UnpackLimits } from "../storage/unpack.ts";

/** @property offset of the content in the heap: what has the same one is one file with several names */
export type StoredEntry = SourceEntry & {
  offset: number;
  major: number;
  minor: number;
  xattrs: [string, Buffer][];
};
export type StoredTree = SourceTree & { stored(entry: SourceEntry): StoredEntry };

const PIECE = 256 * 1024;
const MAX_ENTRIES = 500_000;

/**
 * @param directory where the heap may lie, on the data root's file system
 * @throws EngineError invalid on a broken or hostile archive; nothing is left then
 */
export async function openSourceTree(
  archive: AsyncIterable<Buffer>,
  { directory, limits }: { directory: string; limits: UnpackLimits },
): Promise<StoredTree> {
  return inHeap(directory, (heap) => readAll(archive, heap, { directory, limits }));
}

/** A tree of a single file called "file". @param facts.modified seconds since 1970 */
export async function openFileTree(
  content: AsyncIterable<Buffer>,
  { mode, modified }: { mode: number; modified: number },
  directory: string,
): Promise<StoredTree> {
  return inHeap(directory, async (heap) => {
    const { digest, size } = await store(content, heap, 0);
    const facts = { ...impliedDirectory("file"), kind: "file", mode, size, mtime: modified } as const;
    return new Map([["file", { ...facts, hash: hashOf(facts, digest) }]]);
  });
}

async function inHeap(
  directory: string,
  fill: (heap: FileHandle) => Promise<Map<string, StoredEntry>>,
): Promise<StoredTree> {
  const path = join(directory, `source-${randomBytes(8).toString("hex")}`);
  const heap = await open(path, "wx+", 0o600);
  try {
    await rm(path);
    return sourceTree(heap, await fill(heap));
  } catch (error) {
    await heap.close();
    throw error;
  }
}

async function store(content: AsyncIterable<Buffer>, heap: FileHandle, offset: number) {
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of content) {
    hash.update(piece);
    for (let at = 0; at < piece.length; ) {
      const { bytesWritten } = await heap.write(piece, at, piece.length - at, offset + size);
      at += bytesWritten;
      size += bytesWritten;
    }
  }
  return { digest: hash.digest("hex"), size };
}

async function readAll(
  archive: AsyncIterable<Buffer>,
  heap: FileHandle,
  { directory, limits }: { directory: string; limits: UnpackLimits },
): Promise<Map<string, StoredEntry>> {
  const entries = new Map<string, StoredEntry>([["", impliedDirectory("")]]);
  let compressed = 0;
  let end = 0;
  async function* counted() {
    for await (const chunk of archive) {
      compressed += chunk.length;
      yield chunk;
    }
  }
  const { stream } = await decompress(counted());
  for await (const { entry, body } of readTar(bounded(stream, directory, limits, () => compressed))) {
    const parts = cleanName(entry.name);
    const path = parts.join("/");
    if (entries.size + parts.length > MAX_ENTRIES) throw invalid(`archive has more than ${MAX_ENTRIES} files`);
    addParents(entries, parts);
    if (path === "") continue;
    const made = entry.type === "hardlink" ? linked(entries, entry, path) : plainEntry(entry, path, end);
    if (entry.type === "file") {
      const { digest, size } = await store(body, heap, end);
      made.hash = hashOf(made, digest);
      end += size;
    }
    replace(entries, made);
  }
  return entries;
}

function plainEntry(entry: TarEntry, path: string, offset: number): StoredEntry {
  const { type, mode, uid, gid, size, mtime, major, minor } = entry;
  const kind = type === "hardlink" ? "file" : type;
  const xattrs = [...entry.xattrs].filter(([key]) => isHarmless(key));
  const link = kind === "symlink" ? entry.link : "";
  const made = { path, kind, mode, uid, gid, size, link, hash: "", offset, mtime, major, minor, xattrs };
  return { ...made, hash: hashOf(made, "") };
}

function linked(entries: Map<string, StoredEntry>, entry: TarEntry, path: string): StoredEntry {
  const target = entries.get(cleanName(entry.link).join("/"));
  if (target?.kind !== "file")
    throw invalid(`archive has a hard link to ${JSON.stringify(entry.link)}, which is no file of it`);
  return { ...target, path };
}

function addParents(entries: Map<string, StoredEntry>, parts: string[]): void {
  for (let depth = 1; depth < parts.length; depth++) {
    const path = parts.slice(0, depth).join("/");
    // A link there would be gone through when an archive is unpacked. Here it gives way.
    if (entries.get(path)?.kind !== "dir") entries.set(path, impliedDirectory(path));
  }
}

/** The later of two wins; what was in a directory that is none any more is gone. */
function replace(entries: Map<string, StoredEntry>, made: StoredEntry): void {
  if (made.kind !== "dir" && entries.get(made.path)?.kind === "dir") {
    for (const path of entries.keys()) if (path.startsWith(`${made.path}/`)) entries.delete(path);
  }
  entries.set(made.path, made);
}

function impliedDirectory(path: string): StoredEntry {
  const mtime = Math.floor(Date.now() / 1000);
  const made: StoredEntry = {
    ...{ path, kind: "dir", mode: 0o755, uid: 0, gid: 0, size: 0, link: "", hash: "", offset: 0, mtime },
    ...{ major: 0, minor: 0, xattrs: [] },
  };
  return { ...made, hash: hashOf(made, "") };
}

function hashOf({ kind, mode, uid, gid, link, major, minor, xattrs }: StoredEntry, content: string): string {
  const facts = [
    kind,
    mode,
    uid,
    gid,
    link,
    major,
    minor,
    content,
    xattrs.map(([key, value]) => [key, value.toString("hex")]),
  ];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}

function sourceTree(heap: FileHandle, entries: Map<string, StoredEntry>): StoredTree {
  // In this order what is in a directory follows it at once.
  const sortKey = (path: string) => path.replaceAll("/", "\0");
  const sorted = [...entries.values()]
    .map((entry) => ({ key: sortKey(entry.path), entry }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const position = new Map(sorted.map(({ entry }, index) => [entry.path, index]));
  const stored = (entry: SourceEntry) => {
    const found = entries.get(entry.path);
    if (!found) throw new TypeError(`${entry.path} is of another tree`);
    return found;
  };
  return {
    stored,
    entry: (path) => entries.get(path),
    below(path) {
      const start = position.get(path);
      if (start === undefined) return [];
      const prefix = path === "" ? "" : `${path}/`;
      let end = start + 1;
      while (sorted[end]?.entry.path.startsWith(prefix)) end++;
      return sorted.slice(start, end).map(({ entry }) => entry);
    },
    async *read(entry) {
      const { offset, size } = stored(entry);
      for (let at = 0; at < size; ) {
        const piece = Buffer.allocUnsafe(Math.min(PIECE, size - at));
        const { bytesRead } = await heap.read(piece, 0, piece.length, offset + at);
        if (bytesRead === 0) throw new Error(`the build's source ends early at ${entry.path}`);
        at += bytesRead;
        yield piece.subarray(0, bytesRead);
      }
    },
    close: () => heap.close(),
  };
}
