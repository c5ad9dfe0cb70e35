/** A tar archive -> records for a container's files. Decompressed and parsed here: nothing of it is left to the container. */
import { invalid } from "../../engine/errors.ts";
import { newBatch } from "../../lib/batches.ts";
import type { Bytes } from "../storage/byte-source.ts";
import { decompress } from "../storage/decompress.ts";
import { isHarmless } from "../storage/safe-layer.ts";
import { readTarInBatches, type TarEntry } from "../storage/tar-reader.ts";
import { encodeEnd, encodeRecord, type OutgoingRecord, utf8 } from "./records.ts";

/** Directories whose times are set at the end; of more, the time is when their last entry was made. */
const MOST_DIRECTORIES = 100_000;

/** So many bytes of small entries go together. */
const TOGETHER = 64 * 1024;

/**
 * @param destination how errors call the directory
 * @returns the records, in pieces to be sent one after the other
 * @throws EngineError invalid on a bad archive
 */
export async function* unpackRecords(
  archive: AsyncIterable<Bytes>,
  destination: string,
  owner?: { uid: number; gid: number },
): AsyncGenerator<Buffer[]> {
  const directories: OutgoingRecord[] = [];
  const batch = newBatch();
  const { stream } = await decompress(archive);
  for await (const { entry, body } of readTarInBatches(stream)) {
    const name = insideName(entry.name, entry.name, destination);
    if (name === "") continue;
    const record = { ...recordOf(entry, name, destination), ...owner };
    if (record.kind === "dir" && directories.length < MOST_DIRECTORIES) directories.push(record);
    batch.add(encodeRecord(record));
    for await (const pieces of body) {
      for (const piece of pieces) batch.add(piece);
      if (batch.size >= TOGETHER) yield batch.take();
    }
    if (batch.size >= TOGETHER) yield batch.take();
  }
  // What was made in a directory has changed its time.
  for (const directory of directories.reverse()) batch.add(encodeRecord({ ...directory, kind: "time", xattrs: [] }));
  batch.add(encodeEnd());
  yield batch.take();
}

function recordOf(entry: TarEntry, name: string, destination: string): OutgoingRecord {
  const { type, mode, uid, gid, major, minor, size, mtime, exactMtime } = entry;
  const link = type === "hardlink" ? insideName(entry.link, entry.link, destination) : entry.link;
  const fraction = /\.(\d{1,9})/.exec(exactMtime?.toString("latin1") ?? "")?.[1] ?? "";
  return {
    ...{ kind: type, name, link: type === "symlink" || type === "hardlink" ? link : "" },
    ...{ mode, uid, gid, major, minor, size },
    mtime: { seconds: mtime, nanoseconds: Number(fraction.padEnd(9, "0")) },
    xattrs: [...entry.xattrs].filter(([key]) => isHarmless(key)),
  };
}

/** A name of the archive below its destination, "" for that itself. */
function insideName(name: string, told: string, destination: string): string {
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined)
      throw invalid(`${JSON.stringify(utf8(told))} is outside of ${JSON.stringify(destination)}`);
  }
  return parts.join("/");
}
