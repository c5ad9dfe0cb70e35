/** Recognises how an archive is compressed and takes that off. */
import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { internal, invalid } from "../../engine/errors.ts";
import { type Bytes, piecesOf } from "./byte-source.ts";

export type Compression = "none" | "gzip" | "zstd" | "bzip2" | "xz";

const MAGIC: [Compression, Buffer][] = [
  ["gzip", Buffer.from([0x1f, 0x8b])],
  ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  // zstd:chunked may begin with a skippable frame
  ["zstd", Buffer.from([0x50, 0x2a, 0x4d, 0x18])],
  ["bzip2", Buffer.from("BZh")],
  ["xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
];
const MAGIC_LENGTH = 6;

/**
 * @returns the compression its first bytes tell, and the uncompressed stream. Errors of the format come with the stream.
 * @throws EngineError internal when the host's program for bzip2 or xz is missing (while the stream is read)
 */
export async function decompress<Piece extends Bytes>(
  source: AsyncIterable<Piece>,
): Promise<{ compression: Compression; stream: AsyncGenerator<Piece | Buffer> }> {
  const { head, whole } = await peek(source);
  const compression = MAGIC.find(([, magic]) => head.subarray(0, magic.length).equals(magic))?.[0] ?? "none";
  return { compression, stream: compression === "none" ? whole : expand(single(whole), compression) };
}

async function* single(source: AsyncGenerator<Bytes>): AsyncGenerator<Buffer> {
  for await (const bytes of source) yield* piecesOf(bytes);
}

async function* expand(
  source: AsyncGenerator<Buffer>,
  compression: Exclude<Compression, "none">,
): AsyncGenerator<Buffer> {
  const input = Readable.from(source, { objectMode: false });
  try {
    if (compression === "gzip") yield* piped(input, createGunzip({ chunkSize: 256 * 1024 }));
    else if (compression === "zstd") yield* piped(input, createZstdDecompress({ chunkSize: 256 * 1024 }));
    else yield* byProgram(input, compression);
  } catch (error) {
    if (error instanceof Error && "code" in error && /^(Z_|ZSTD_)/.test(String(error.code))) {
      throw invalid(`${compression}: ${error.message}`);
    }
    throw error;
  }
}

async function* piped(input: Readable, transform: ReturnType<typeof createGunzip>): AsyncGenerator<Buffer> {
  input.on("error", (error) => transform.destroy(error));
  input.pipe(transform);
  try {
    for await (const chunk of transform) yield chunk as Buffer;
  } finally {
    input.destroy();
    transform.destroy();
  }
}

/** Never a program of an image: the host's own, from the engine's PATH (CVE-2026-41567). */
async function* byProgram(input: Readable, program: "bzip2" | "xz"): AsyncGenerator<Buffer> {
  const child = spawn(program, ["-dc"], { stdio: ["pipe", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (complaint.length < 1024) complaint += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", (cause) =>
      reject(internal(`${program} archives need the program ${program}, which is missing`, cause)),
    );
    child.once("close", resolve);
  });
  ended.catch(() => {});
  let inputError: unknown;
  input.on("error", (error) => {
    inputError = error;
    child.stdin.destroy();
  });
  child.stdin.on("error", () => {});
  input.pipe(child.stdin);
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    const code = await ended;
    if (inputError !== undefined) throw inputError;
    if (code !== 0) throw invalid(`${program}: ${complaint.trim().split("\n")[0] ?? "failed"}`);
  } finally {
    input.destroy();
    child.kill("SIGKILL");
  }
}

async function peek<Piece extends Bytes>(
  source: AsyncIterable<Piece>,
): Promise<{ head: Buffer; whole: AsyncGenerator<Piece> }> {
  const iterator = source[Symbol.asyncIterator]();
  const first: Piece[] = [];
  let head = Buffer.alloc(0);
  while (head.length < MAGIC_LENGTH) {
    const { done, value } = await iterator.next();
    if (done) break;
    first.push(value);
    for (const piece of piecesOf(value)) head = Buffer.concat([head, piece.subarray(0, MAGIC_LENGTH)]);
  }
  async function* whole(): AsyncGenerator<Piece> {
    try {
      yield* first;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head, whole: whole() };
}
