/** Unpacks one layer into an empty directory: bounded, confined, by GNU tar, which knows xattrs and device nodes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statfs } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { EngineError, internal, invalid } from "../../engine/errors.ts";
import { type LayerFacts, safeLayer } from "./safe-layer.ts";

export type UnpackLimits = {
  /** bytes of the uncompressed archive */
  maxBytes: number;
  maxEntries: number;
  /** uncompressed to compressed, looked at from `ratioFrom` uncompressed bytes on; gzip can do 1032 */
  maxRatio: number;
  ratioFrom: number;
  /** bytes that must stay free on the data root's file system */
  reserve: number;
};

const GiB = 1024 ** 3;
export const DEFAULT_LIMITS: UnpackLimits = {
  maxBytes: 256 * GiB,
  maxEntries: 2_000_000,
  maxRatio: 300,
  ratioFrom: GiB,
  reserve: 64 * 1024 ** 2,
};

/** How often the file system is asked what is free. */
const SPACE_CHECK = 64 * 1024 ** 2;
const TAR_OPTIONS = [
  ...["--extract", "--file=-", "--numeric-owner", "--same-owner", "--same-permissions"],
  ...["--xattrs", "--xattrs-include=*", "--recursive-unlink", "--warning=no-timestamp"],
];

/**
 * @param stream the uncompressed archive, read to its end
 * @param directory empty, owned by root
 * @throws EngineError invalid (hostile or broken archive, a limit), internal (no space, tar missing); the directory
 *   is left as it is then
 */
export async function unpackLayer(
  stream: AsyncIterable<Buffer>,
  directory: string,
  limits: Pick<UnpackLimits, "maxEntries">,
): Promise<LayerFacts> {
  const facts: LayerFacts = { size: 0, entries: 0, opaque: [] };
  const tar = spawn("tar", [...TAR_OPTIONS, `--directory=${directory}`], {
    stdio: ["pipe", "ignore", "pipe"],
    env: { PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
  });
  let complaint = "";
  tar.stderr.on("data", (chunk: Buffer) => {
    if (complaint.length < 4096) complaint += chunk.toString();
  });
  const ended = once(tar, "close") as Promise<[number | null]>;
  ended.catch(() => {});
  try {
    await pipeline(safeLayer(stream, facts, limits.maxEntries), tar.stdin);
  } catch (error) {
    if (error instanceof EngineError) {
      tar.kill("SIGKILL");
      await ended.catch(() => {});
      throw error;
    }
    // EPIPE: tar gave up, and says why below. ENOENT comes from `ended`.
    if (!isBrokenPipe(error)) {
      tar.kill("SIGKILL");
      await ended.catch(() => {});
      throw error;
    }
  }
  const [code] = await ended.catch((error: unknown) => {
    throw internal("layers cannot be unpacked: GNU tar is not installed (package tar)", error);
  });
  if (code !== 0) throw tarError(complaint);
  return facts;
}

/**
 * Pass a stream on as long as it stays within its limits.
 * @param compressed how many compressed bytes have been read so far
 */
export async function* bounded(
  stream: AsyncIterable<Buffer>,
  directory: string,
  limits: UnpackLimits,
  compressed: () => number,
): AsyncGenerator<Buffer> {
  let total = 0;
  let nextCheck = 0;
  for await (const chunk of stream) {
    total += chunk.length;
    if (total > limits.maxBytes) throw invalid(`archive is larger than the limit of ${limits.maxBytes} bytes`);
    if (total > limits.ratioFrom && total / Math.max(1, compressed()) > limits.maxRatio) {
      throw invalid(`archive expands to more than ${limits.maxRatio} times its size: not unpacked`);
    }
    if (total >= nextCheck) {
      await checkSpace(directory, limits.reserve);
      nextCheck = total + SPACE_CHECK;
    }
    yield chunk;
  }
}

/** @throws EngineError internal "no space left on device" */
export async function checkSpace(directory: string, reserve: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize < reserve + SPACE_CHECK) throw internal(`write ${directory}: no space left on device`);
}

function tarError(complaint: string): EngineError {
  const [first = "tar failed"] = complaint
    .split("\n")
    .filter((line) => !/exiting now|Exiting with failure/i.test(line));
  const text = first.replace(/^(\/\S+\/)?tar: /, "");
  return /No space left/.test(complaint)
    ? internal(`unpack layer: no space left on device`)
    : invalid(`unpack layer: ${text}`);
}

function isBrokenPipe(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && (error.code === "EPIPE" || error.code === "ERR_STREAM_PREMATURE_CLOSE")
  );
}
