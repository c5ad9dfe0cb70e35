/**
 * Image layers: each unpacked once, whatever image it belongs to and whatever it lies on, and its archive kept as it
 * came, so that push and save give back the very bytes.
 *
 *     fetch -> tmp/blob-… (digest checked) -> content/sha256/… -> tmp/unpack-…/diff (diff id checked) -> layers/ID/diff
 */
import { createHash } from "node:crypto";
import { createReadStream, renameSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { type EngineError, internal, invalid } from "../../engine/errors.ts";
import type { Hold, LayerStore, Progress } from "../../engine/images/ports.ts";
import { isErrno } from "../../lib/errno.ts";
import { type BlobFile, createBlobFile } from "./blob-file.ts";
import { decompress } from "./decompress.ts";
import type { LayerRow, LayerTable } from "./layer-table.ts";
import type { StoragePaths } from "./paths.ts";
import type { Trash } from "./trash.ts";
import { bounded, type UnpackLimits, unpackLayer } from "./unpack.ts";

type Deps = {
  paths: StoragePaths;
  table: LayerTable;
  trash: Trash;
  limits: UnpackLimits;
  /** diff ids that images and containers have */
  inUse: () => Set<string>;
};

export function createLayerStore(deps: Deps): LayerStore {
  const { paths, table, trash } = deps;
  const held = new Map<string, number>();
  const underway = new Map<string, Promise<unknown>>();
  const contentPath = (digest: string) => join(paths.content, digest.slice("sha256:".length));

  /** One at a time for each key; who comes second looks again when the first is through. */
  async function once(key: string, find: () => LayerRow | undefined, make: () => Promise<LayerRow>): Promise<LayerRow> {
    for (;;) {
      const found = find();
      if (found) return found;
      const other = underway.get(key);
      if (!other) break;
      await other.catch(() => {});
    }
    const work = make().finally(() => underway.delete(key));
    underway.set(key, work);
    return work;
  }

  return {
    hold: () => createHold(held),
    get: (diffId) => table.get(diffId),
    byBlob: (digest) => table.all().find((row) => row.blob.digest === digest),

    addBlob({ digest, size, diffId, hold, fetch, onFetched, onUnpack }) {
      hold.add(diffId);
      return once(
        diffId,
        () => table.get(diffId),
        () =>
          noSpaceNamed(async () => {
            await using blob = await createBlobFile(paths.tmp);
            await fetch(async (chunk) => {
              if (blob.size() + chunk.length > size)
                throw invalid(`blob ${digest} is larger than the stated ${size} bytes`);
              await blob.write(chunk);
            });
            const actual = await blob.finish();
            if (actual !== digest || blob.size() !== size) {
              throw invalid(`filesystem layer verification failed for digest ${digest}`);
            }
            onFetched?.();
            return await unpackBlob(deps, { blob, digest, size, expected: diffId, contentPath, onUnpack });
          }),
      );
    },

    async addArchive(source, { hold, diffId, onUnpack }) {
      await using blob = await createBlobFile(paths.tmp);
      await using tree = await temporaryTree(deps);
      const { facts, tarSize } = await noSpaceNamed(async () => {
        const counter = counted(source, (total) => onUnpack?.(total, 0));
        const { stream } = await decompress(counter.stream);
        const plain = bounded(stream, paths.tmp, deps.limits, counter.total);
        const unpacked = await unpackLayer(written(plain, blob), tree.diff, deps.limits);
        return { facts: unpacked, tarSize: blob.size() };
      });
      const digest = await blob.finish();
      if (diffId !== undefined && digest !== diffId) throw wrongDiffId(diffId, digest);
      hold.add(digest);
      return await once(
        digest,
        () => table.get(digest),
        async () => {
          await blob.keep(contentPath(digest));
          return table.add(
            {
              diffId: digest,
              size: facts.size,
              blob: { digest, size: tarSize, compression: "none" },
              tarSize,
              opaque: new Set(facts.opaque),
            },
            (directory) => tree.moveTo(join(directory, "..")),
          );
        },
      );
    },

    open(layer, form) {
      const stream = createReadStream(contentPath(layer.blob.digest), { highWaterMark: 256 * 1024 });
      return form === "blob" || layer.blob.compression === "none" ? stream : plainStream(stream);
    },

    async collect() {
      const used = deps.inUse();
      const gone = table.all().filter(({ diffId }) => !used.has(diffId) && !held.has(diffId) && !underway.has(diffId));
      for (const row of gone) {
        table.remove(row.diffId);
        await trash.discard(join(paths.layers, row.name));
        await trash.discard(contentPath(row.blob.digest));
      }
      return { diffIds: gone.map((row) => row.diffId), bytes: gone.reduce((sum, row) => sum + row.size, 0) };
    },
  };
}

type Blob = {
  blob: BlobFile;
  digest: string;
  size: number;
  expected: string;
  contentPath: (digest: string) => string;
  onUnpack: Progress | undefined;
};

async function unpackBlob(
  deps: Deps,
  { blob, digest, size, expected, contentPath, onUnpack }: Blob,
): Promise<LayerRow> {
  await using tree = await temporaryTree(deps);
  const counter = counted(createReadStream(blob.path, { highWaterMark: 256 * 1024 }), (total) =>
    onUnpack?.(total, size),
  );
  const { compression, stream } = await decompress(counter.stream);
  if (compression === "bzip2" || compression === "xz")
    throw invalid(`layers compressed by ${compression} are not supported`);
  const hash = createHash("sha256");
  let tarSize = 0;
  const plain = hashed(bounded(stream, deps.paths.tmp, deps.limits, counter.total), (chunk) => {
    hash.update(chunk);
    tarSize += chunk.length;
  });
  const facts = await unpackLayer(plain, tree.diff, deps.limits);
  const diffId = `sha256:${hash.digest("hex")}`;
  if (diffId !== expected) throw wrongDiffId(expected, diffId);
  await blob.keep(contentPath(digest));
  return deps.table.add(
    { diffId, size: facts.size, blob: { digest, size, compression }, tarSize, opaque: new Set(facts.opaque) },
    (directory) => tree.moveTo(join(directory, "..")),
  );
}

/** A directory to unpack into, deleted unless it is moved to its place. */
async function temporaryTree({ paths, trash }: Deps) {
  const directory = await mkdtemp(join(paths.tmp, "unpack-"));
  const diff = join(directory, "diff");
  await mkdir(diff, { mode: 0o755 });
  return {
    diff,
    moveTo: (target: string) => renameSync(directory, target),
    [Symbol.asyncDispose]: () => trash.discard(directory),
  };
}

function createHold(held: Map<string, number>): Hold {
  const mine = new Set<string>();
  return {
    add(diffId) {
      if (mine.has(diffId)) return;
      mine.add(diffId);
      held.set(diffId, (held.get(diffId) ?? 0) + 1);
    },
    [Symbol.dispose]() {
      for (const diffId of mine) {
        const left = (held.get(diffId) ?? 1) - 1;
        if (left === 0) held.delete(diffId);
        else held.set(diffId, left);
      }
      mine.clear();
    },
  };
}

function counted(source: AsyncIterable<Buffer>, onTotal: (total: number) => void) {
  let total = 0;
  async function* stream(): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      total += chunk.length;
      onTotal(total);
      yield chunk;
    }
  }
  return { stream: stream(), total: () => total };
}

async function* hashed(source: AsyncIterable<Buffer>, see: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    see(chunk);
    yield chunk;
  }
}

async function* written(source: AsyncIterable<Buffer>, blob: BlobFile): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    await blob.write(chunk);
    yield chunk;
  }
}

async function* plainStream(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* (await decompress(source)).stream;
}

function wrongDiffId(expected: string, actual: string): EngineError {
  return invalid(
    `layers from manifest don't match image configuration: wrong diff id calculated on extraction: ${actual}, expected ${expected}`,
  );
}

/** A full disk is told in the words that people search for. */
async function noSpaceNamed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isErrno(error, "ENOSPC")) {
      throw internal("no space left on device", error);
    }
    throw error;
  }
}
