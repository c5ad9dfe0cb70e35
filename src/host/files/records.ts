/** The records of op `files`: native/archive.h has their layout, in the machine's own (little endian) order. */
import { internal } from "../../engine/errors.ts";
import { FileError, type FileFacts, type FileKind } from "../../engine/files/ports.ts";
import { errnoName } from "../../kernel/errno.ts";
import type { ByteSource } from "../storage/byte-source.ts";

const HEAD = 80;
const KINDS: Record<string, FileKind> = {
  f: "file",
  d: "dir",
  l: "symlink",
  c: "char",
  b: "block",
  p: "fifo",
  s: "socket",
};
const LETTERS = { file: "f", dir: "d", symlink: "l", char: "c", block: "b", fifo: "p", hardlink: "h", time: "t" };

/** Names and links are byte strings (latin1). */
export type FileRecord = FileFacts & {
  name: string;
  link: string;
  links: number;
  /** the same for all names of one file */
  identity: string;
  xattrs: Map<string, Buffer>;
};

/**
 * @returns undefined when the other side is through
 * @throws FileError as it was told, EngineError internal when the stream ends early
 */
export async function readRecord(source: ByteSource): Promise<FileRecord | undefined> {
  const taken = await source.take(HEAD);
  if (taken === undefined) throw internal("the file operation ended without a word");
  const head = Buffer.from(taken);
  const number = (index: number) => head.readUInt32LE(4 + index * 4);
  const text = async (size: number) => (size === 0 ? "" : ((await source.take(size))?.toString("latin1") ?? ""));
  const letter = String.fromCharCode(head[0] ?? 0);
  const name = await text(number(8));
  const link = await text(number(9));
  const xattrs = number(10) === 0 ? undefined : await source.take(number(10));
  if (letter === "Z") return undefined;
  if (letter === "E") throw new FileError({ call: link, path: utf8(name), errno: errnoName(number(7)) });
  const kind = KINDS[letter];
  if (kind === undefined) throw internal(`the file operation sent a record of kind ${JSON.stringify(letter)}`);
  return {
    kind,
    name,
    link,
    mode: number(0),
    uid: number(1),
    gid: number(2),
    major: number(3),
    minor: number(4),
    links: number(5),
    identity: `${head.readBigUInt64LE(48)}:${head.readBigUInt64LE(56)}`,
    size: Number(head.readBigUInt64LE(64)),
    mtime: { seconds: Number(head.readBigInt64LE(72)), nanoseconds: number(6) },
    xattrs: xattrs === undefined ? new Map() : readXattrs(xattrs),
  };
}

export type OutgoingRecord = {
  kind: keyof typeof LETTERS;
  name: string;
  link: string;
  mode: number;
  uid: number;
  gid: number;
  major: number;
  minor: number;
  size: number;
  mtime: { seconds: number; nanoseconds: number };
  xattrs: Iterable<[string, Buffer]>;
};

/** A file's content follows it, exactly `size` bytes. */
export function encodeRecord(record: OutgoingRecord): Buffer {
  const name = Buffer.from(record.name, "latin1");
  const link = Buffer.from(record.link, "latin1");
  const xattrs = encodeXattrs(record.xattrs);
  const head = Buffer.alloc(HEAD);
  head.write(LETTERS[record.kind], 0, "latin1");
  const { mode, uid, gid, major, minor, mtime } = record;
  const numbers = [mode, uid, gid, major, minor, 0, mtime.nanoseconds, 0, name.length, link.length, xattrs.length];
  for (const [index, value] of numbers.entries()) head.writeUInt32LE(value >>> 0, 4 + index * 4);
  head.writeBigUInt64LE(BigInt(record.size), 64);
  head.writeBigInt64LE(BigInt(mtime.seconds), 72);
  return Buffer.concat([head, name, link, xattrs]);
}

/** The last one: there are no more. */
export function encodeEnd(): Buffer {
  const head = Buffer.alloc(HEAD);
  head.write("Z", 0, "latin1");
  return head;
}

/** For each: name, NUL, u32 size, value. */
function readXattrs(bytes: Buffer): Map<string, Buffer> {
  const xattrs = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    const size = bytes.readUInt32LE(end + 1);
    xattrs.set(bytes.toString("latin1", at, end), Buffer.from(bytes.subarray(end + 5, end + 5 + size)));
    at = end + 5 + size;
  }
  return xattrs;
}

function encodeXattrs(xattrs: Iterable<[string, Buffer]>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of xattrs) {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(value.length);
    parts.push(Buffer.from(`${name}\0`, "latin1"), size, value);
  }
  return Buffer.concat(parts);
}

/** A byte string as people read it. */
export function utf8(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString();
}
