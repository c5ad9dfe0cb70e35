/** Records of a container's files -> a tar archive. */

import { newBatch } from "../../lib/batches.ts";
import type { ByteSource } from "../storage/byte-source.ts";
import { FLAGS, isHarmless } from "../storage/safe-layer.ts";
import { formatHeader, padding } from "../storage/tar-header.ts";
import { formatPax } from "../storage/tar-pax.ts";
import { type FileRecord, readRecord } from "./records.ts";

const BATCH = 64 * 1024;
const SMALL = 16 * 1024;
const END = Buffer.alloc(1024);

/** How an entry goes into the archive. `record` stands in for it if it is to be another thing; `after` follows it. */
export type Named = { name: string; record?: FileRecord; after?: Buffer };
/** undefined leaves an entry out. */
export type Naming = (record: FileRecord) => Named | undefined;

/** Reads a tree's records to their end. Small entries come in one piece, large files' content as it came. */
export async function* packTree(source: ByteSource, naming: Naming): AsyncGenerator<Buffer[]> {
  const hardlinks = new Map<string, string>();
  const batch = newBatch();
  const flush = () => joinSmall(batch.take());
  for (let record = await readRecord(source); record !== undefined; record = await readRecord(source)) {
    const named = naming(record);
    const first = named && firstName(hardlinks, record, named.name);
    const withContent = named !== undefined && first === undefined;
    if (named) batch.add(entryHeader(named.record ?? record, named.name, first));
    // Read in any case: the records are one stream.
    for await (const pieces of source.batches(record.kind === "file" ? record.size : 0)) {
      if (withContent) for (const piece of pieces) batch.add(piece);
      if (batch.size >= BATCH) yield flush();
    }
    if (withContent && record.kind === "file") batch.add(padding(record.size));
    if (named?.after) batch.add(named.after);
    if (batch.size >= BATCH) yield flush();
  }
  batch.add(END);
  yield flush();
}

/** Each piece becomes a chunk of HTTP's: not for a header of 512 bytes. */
function joinSmall(pieces: Buffer[]): Buffer[] {
  const joined: Buffer[] = [];
  let small: Buffer[] = [];
  const join = () => {
    if (small.length > 0) joined.push(Buffer.concat(small));
    small = [];
  };
  for (const piece of pieces) {
    if (piece.length < SMALL) small.push(piece);
    else {
      join();
      joined.push(piece);
    }
  }
  join();
  return joined;
}

/** The name under which a file with several names is in the archive already. */
function firstName(
  known: Map<string, string>,
  { kind, links, identity }: FileRecord,
  name: string,
): string | undefined {
  if (kind !== "file" || links < 2) return undefined;
  const first = known.get(identity);
  if (first === undefined) known.set(identity, name);
  return first;
}

function entryHeader(record: FileRecord, name: string, first: string | undefined): Buffer {
  const { kind, mode, uid, gid, mtime, major, minor } = record;
  const flag = first !== undefined ? FLAGS.hardlink : FLAGS[kind === "socket" ? "file" : kind];
  const link = first ?? (kind === "symlink" ? record.link : "");
  const size = kind === "file" && first === undefined ? record.size : 0;
  const xattrs = first === undefined ? [...record.xattrs].filter(([key]) => isHarmless(key)) : [];
  const pax = formatPax(xattrs.map(([key, value]) => [`SCHILY.xattr.${key}`, value]));
  return formatHeader({ name, link, flag, mode, uid, gid, size, mtime: mtime.seconds, major, minor }, pax);
}
