/**
 * One 512-byte header of a tar archive (tar(5)), read and written. Names are byte strings (latin1): tar knows no
 * encoding, and a layer's names must come out as they went in.
 */
import { invalid } from "../../engine/errors.ts";

export const BLOCK = 512;

export type TarHeader = {
  name: string;
  link: string;
  /** type flag: 0 file, 1 hard link, 2 symlink, 3 char, 4 block, 5 directory, 6 FIFO, others extend the format */
  flag: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** seconds */
  mtime: number;
  major: number;
  minor: number;
};

/** Go's archive/tar has the same sentence, and docker's clients know it. */
export const invalidHeader = () => invalid("archive/tar: invalid tar header");

/**
 * @param block 512 bytes
 * @returns undefined for a block of zeros, which ends an archive
 * @throws EngineError invalid when checksum or numbers are wrong
 */
export function parseHeader(block: Buffer): TarHeader | undefined {
  const stated = readNumber(block, 148, 8);
  const sum = checksum(block);
  if (sum === 8 * 0x20 && block.every((byte) => byte === 0)) return undefined;
  if (stated !== sum) throw invalidHeader();
  const ustar = block.toString("latin1", 257, 262) === "ustar";
  const posix = ustar && block[262] === 0;
  const prefix = posix ? readText(block, 345, 155) : "";
  const name = readText(block, 0, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    link: readText(block, 157, 100),
    flag: block[156] === 0 ? "0" : block.toString("latin1", 156, 157),
    mode: readNumber(block, 100, 8) & 0o7777,
    uid: readNumber(block, 108, 8),
    gid: readNumber(block, 116, 8),
    size: readNumber(block, 124, 12),
    mtime: readNumber(block, 136, 12, true),
    major: ustar ? readNumber(block, 329, 8) : 0,
    minor: ustar ? readNumber(block, 337, 8) : 0,
  };
}

/**
 * The header in GNU's dialect, with a long name or link in blocks of its own before it.
 * @param pax extended attributes and the like: bytes of a PAX header's body, put before it
 */
export function formatHeader(header: TarHeader, pax?: Buffer): Buffer {
  const blocks: Buffer[] = [];
  if (pax !== undefined && pax.length > 0) blocks.push(...special("x", "./PaxHeader", pax));
  if (header.name.length > 100) blocks.push(...longText("L", header.name));
  if (header.link.length > 100) blocks.push(...longText("K", header.link));
  blocks.push(plainHeader(header));
  return blocks.length === 1 && blocks[0] !== undefined ? blocks[0] : Buffer.concat(blocks);
}

/** Zeros that fill the last block of a body. */
export function padding(size: number): Buffer {
  return ZEROS.subarray(0, (BLOCK - (size % BLOCK)) % BLOCK);
}
const ZEROS = Buffer.alloc(BLOCK);

function longText(flag: "L" | "K", text: string): Buffer[] {
  return special(flag, "././@LongLink", Buffer.from(`${text}\0`, "latin1"));
}

function special(flag: string, name: string, body: Buffer): Buffer[] {
  const header = { name, link: "", flag, mode: 0o644, uid: 0, gid: 0, size: body.length, mtime: 0, major: 0, minor: 0 };
  return [plainHeader(header), body, padding(body.length)];
}

function plainHeader(header: TarHeader): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(header.name.slice(0, 100), 0, "latin1");
  writeNumber(block, 100, 8, header.mode);
  writeNumber(block, 108, 8, header.uid);
  writeNumber(block, 116, 8, header.gid);
  writeNumber(block, 124, 12, header.size);
  writeNumber(block, 136, 12, header.mtime);
  block.write(header.flag, 156, "latin1");
  block.write(header.link.slice(0, 100), 157, "latin1");
  block.write("ustar  \0", 257, "latin1");
  writeNumber(block, 329, 8, header.major);
  writeNumber(block, 337, 8, header.minor);
  const sum = checksum(block);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < 148; at++) sum += block[at] as number;
  for (let at = 156; at < BLOCK; at++) sum += block[at] as number;
  return sum;
}

function readText(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString("latin1", at, end < 0 || end > at + length ? at + length : end);
}

/** Octal text, or GNU's base 256 when the first bit is set. */
function readNumber(block: Buffer, at: number, length: number, negative = false): number {
  const first = block[at] as number;
  if ((first & 0x80) !== 0) {
    let value = BigInt.asUintN(64, 0n);
    for (let index = at; index < at + length; index++) value = (value << 8n) | BigInt(block[index] as number);
    const bits = length * 8;
    value = (first & 0x40) !== 0 ? BigInt.asIntN(bits, value) : value & ~(1n << BigInt(bits - 1));
    const number = Number(value);
    if (!Number.isSafeInteger(number) || (number < 0 && !negative)) throw invalidHeader();
    return number;
  }
  const text = readText(block, at, length).trim();
  if (text === "") return 0;
  if (!/^[0-7]+$/.test(text)) throw invalidHeader();
  return Number.parseInt(text, 8);
}

function writeNumber(block: Buffer, at: number, length: number, value: number): void {
  const octal = value >= 0 ? value.toString(8) : "";
  if (value >= 0 && octal.length < length) {
    block.write(octal.padStart(length - 1, "0"), at, "latin1");
    return;
  }
  let rest = BigInt.asUintN(length * 8, BigInt(value));
  for (let index = at + length - 1; index >= at; index--) {
    block[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  block[at] = (block[at] as number) | 0x80;
}
