/** Archives whose index may come last (docker save's): their files are put aside in a temporary directory. */
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join, posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { EngineError, invalid, notFound } from "../../engine/errors.ts";
import type { Archives, OpenArchive } from "../../engine/images/ports.ts";
import { createBlobFile } from "./blob-file.ts";
import { decompress } from "./decompress.ts";
import { cleanName } from "./layer-tree.ts";
import type { StoragePaths } from "./paths.ts";
import { readTar } from "./tar-reader.ts";
import { bounded, type UnpackLimits } from "./unpack.ts";

const MAX_FILES = 100_000;
const MAX_LINKS = 10;

type Member = { path: string; size: number } | { link: string };

export function createArchives({ paths, limits }: { paths: StoragePaths; limits: UnpackLimits }): Archives {
  return {
    async open(source): Promise<OpenArchive> {
      const directory = await mkdtemp(join(paths.tmp, "archive-"));
      try {
        return openArchive(directory, await putAside(source, directory, limits));
      } catch (error) {
        await rm(directory, { recursive: true, force: true });
        throw error;
      }
    },

    async gzip(source) {
      const blob = await createBlobFile(paths.tmp);
      try {
        await pipeline(source, createGzip({ level: 6 }), async (compressed: AsyncIterable<Buffer>) => {
          for await (const chunk of compressed) await blob.write(chunk);
        });
        const digest = await blob.finish();
        const size = blob.size();
        return { digest, size, read: () => createReadStream(blob.path), remove: () => rm(blob.path, { force: true }) };
      } catch (error) {
        await blob[Symbol.asyncDispose]();
        throw error;
      }
    },
  };
}

async function putAside(
  source: AsyncIterable<Buffer>,
  directory: string,
  limits: UnpackLimits,
): Promise<Map<string, Member>> {
  const members = new Map<string, Member>();
  let read = 0;
  async function* counted() {
    for await (const chunk of source) {
      read += chunk.length;
      yield chunk;
    }
  }
  const { stream } = await decompress(counted());
  for await (const { entry, body } of readTar(bounded(stream, directory, limits, () => read))) {
    if (members.size >= MAX_FILES) throw invalid(`archive has more than ${MAX_FILES} files`);
    const name = cleanName(Buffer.from(entry.name, "latin1").toString()).join("/");
    if (entry.type === "symlink") members.set(name, { link: posix.join(posix.dirname(name), entry.link) });
    if (entry.type === "hardlink") members.set(name, { link: posix.normalize(entry.link) });
    if (entry.type !== "file") continue;
    await using file = await createBlobFile(directory);
    for await (const piece of body) await file.write(piece);
    await file.finish();
    const path = join(directory, String(members.size));
    await file.keep(path);
    members.set(name, { path, size: entry.size });
  }
  return members;
}

function openArchive(directory: string, members: Map<string, Member>): OpenArchive {
  const find = (name: string) => {
    let member = members.get(posix.normalize(name));
    for (let links = 0; member && "link" in member && links < MAX_LINKS; links++) member = members.get(member.link);
    return member && "path" in member ? member : undefined;
  };
  const must = (name: string) => {
    const member = find(name);
    if (!member) throw notFound(`open ${name}: no such file or directory`);
    return member;
  };
  return {
    size: (name) => find(name)?.size,
    async readAll(name, limit) {
      const { path, size } = must(name);
      if (size > limit) throw new EngineError("too-large", `${name} is larger than ${limit} bytes`);
      return readFile(path);
    },
    read: (name) => createReadStream(must(name).path, { highWaterMark: 256 * 1024 }),
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
