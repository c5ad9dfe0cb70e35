/**
 * Reads a tar archive as a stream of entries, in the dialects that layers come in: ustar, GNU, PAX.
 *
 * Written here because names and extended attributes must stay bytes, and because what an archive states of itself
 * (the length of a name, of a PAX header) must be bounded before memory is taken for it.
 */
import { invalid } from "../../engine/errors.ts";
import { totalLength } from "../../lib/batches.ts";
import { type ByteSource, type Bytes, byteSource, truncated } from "./byte-source.ts";
import { BLOCK, invalidHeader, parseHeader, type TarHeader } from "./tar-header.ts";
import { parsePax } from "./tar-pax.ts";

export type TarEntryType = "file" | "hardlink" | "symlink" | "char" | "block" | "dir" | "fifo";
export type TarEntry = {
  type: TarEntryType;
  /** byte strings (latin1) */
  name: string;
  link: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtime: number;
  /** with fractions, as PAX has it */
  exactMtime?: Buffer;
  major: number;
  minor: number;
  /** name (security.capability) -> value */
  xattrs: Map<string, Buffer>;
};
export type TarMember<Piece = Buffer> = {
  entry: TarEntry;
  /** May be left unread. */
  body: AsyncGenerator<Piece>;
};

/** The same bound as Go's archive/tar has for what precedes an entry. */
const MAX_SPECIAL = 1024 * 1024;
const MAX_ID = 0xffff_fffe;
const XATTR_PREFIX = "SCHILY.xattr.";
const TYPES: Record<string, TarEntryType> = {
  "0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "dir",
  "6": "fifo",
};

/**
 * @param stream uncompressed archive; read to its very end, behind the last entry too (its digest counts)
 * @throws EngineError invalid on what is no archive, or one of a kind that is not read (sparse, multi-volume)
 */
export function readTar(stream: AsyncIterable<Bytes>): AsyncGenerator<TarMember> {
  const source = byteSource(stream);
  return members(source, (size) =>
    withPadding({ source, size, content: source.pieces, lengthOf: (piece) => piece.length }),
  );
}

/** The same with bodies that come in batches: for large files, whose pieces are many. */
export function readTarInBatches(stream: AsyncIterable<Bytes>): AsyncGenerator<TarMember<Buffer[]>> {
  const source = byteSource(stream);
  return members(source, (size) =>
    withPadding<Buffer[]>({ source, size, content: source.batches, lengthOf: totalLength }),
  );
}

async function* members<Piece>(
  source: ByteSource,
  bodyOf: (size: number) => AsyncGenerator<Piece>,
): AsyncGenerator<TarMember<Piece>> {
  let extra: Extra = {};
  for (;;) {
    const block = await source.take(BLOCK);
    const header = block && parseHeader(block);
    if (header === undefined) break;
    if ("gxLK".includes(header.flag)) {
      extra = { ...extra, ...(await readExtra(source, header)) };
      continue;
    }
    const entry = combine(header, extra);
    extra = {};
    const body = bodyOf(entry.size);
    yield { entry, body };
    for await (const _piece of body) {
      // what the consumer left unread
    }
  }
  await source.drain();
}

type Extra = { name?: string; link?: string; pax?: Map<string, Buffer> };

async function readExtra(source: ByteSource, header: TarHeader): Promise<Extra> {
  if (header.size > MAX_SPECIAL) throw invalid("archive/tar: header field too long");
  const body = (await source.take(header.size)) ?? Buffer.alloc(0);
  if (body.length < header.size) throw truncated();
  await source.take((BLOCK - (header.size % BLOCK)) % BLOCK);
  const kept = Buffer.from(body);
  if (header.flag === "g") return {};
  if (header.flag === "x") return { pax: parsePax(kept) };
  const end = kept.indexOf(0);
  const text = kept.toString("latin1", 0, end < 0 ? kept.length : end);
  return header.flag === "L" ? { name: text } : { link: text };
}

function combine(header: TarHeader, { name, link, pax = new Map<string, Buffer>() }: Extra): TarEntry {
  for (const key of pax.keys()) {
    if (key.startsWith("GNU.sparse.")) throw invalid("archive/tar: sparse entries are not supported");
  }
  const path = pax.get("path")?.toString("latin1") ?? name ?? header.name;
  // Old archives know no type for a directory: a slash at the end tells.
  const type = header.flag === "0" && path.endsWith("/") ? "dir" : TYPES[header.flag];
  if (type === undefined) throw invalid(`unhandled tar header type ${header.flag.charCodeAt(0)}`);
  const size = number(pax.get("size")) ?? header.size;
  const exactMtime = pax.get("mtime");
  const entry: TarEntry = {
    type,
    name: path,
    link: pax.get("linkpath")?.toString("latin1") ?? link ?? header.link,
    mode: header.mode,
    uid: number(pax.get("uid")) ?? header.uid,
    gid: number(pax.get("gid")) ?? header.gid,
    // Links and nodes have no body, whatever they state; a directory's size is a hint of old tars.
    size: type === "file" ? size : 0,
    mtime: exactMtime === undefined ? header.mtime : Math.floor(Number(exactMtime.toString("latin1"))),
    ...(exactMtime === undefined ? {} : { exactMtime }),
    major: header.major,
    minor: header.minor,
    xattrs: xattrsOf(pax),
  };
  if (entry.name.includes("\0") || entry.link.includes("\0") || !Number.isSafeInteger(entry.mtime))
    throw invalidHeader();
  if (entry.uid > MAX_ID || entry.gid > MAX_ID) throw invalidHeader();
  return entry;
}

function xattrsOf(pax: Map<string, Buffer>): Map<string, Buffer> {
  const xattrs = new Map<string, Buffer>();
  for (const [key, value] of pax) {
    if (key.startsWith(XATTR_PREFIX)) xattrs.set(key.slice(XATTR_PREFIX.length), value);
  }
  return xattrs;
}

function number(text: Buffer | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = text.toString("latin1");
  const parsed = /^[0-9]+$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(parsed)) throw invalidHeader();
  return parsed;
}

type Body<Piece> = {
  source: ByteSource;
  size: number;
  content(length: number): AsyncGenerator<Piece>;
  lengthOf(piece: Piece): number;
};

/** A consumer that stops early ends this generator: then the rest is skipped. An error of the stream passes as it is. */
async function* withPadding<Piece>({ source, size, content, lengthOf }: Body<Piece>): AsyncGenerator<Piece> {
  let unread = size;
  let broken = false;
  try {
    try {
      for await (const piece of content(size)) {
        unread -= lengthOf(piece);
        yield piece;
      }
    } catch (error) {
      broken = true;
      throw error;
    }
  } finally {
    if (!broken) {
      for await (const _piece of source.pieces(unread)) {
        // not wanted
      }
      await source.take((BLOCK - (size % BLOCK)) % BLOCK);
    }
  }
}
