/** Fetches a blob, taking the transfer up again where it broke. The caller verifies what came. */
import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { EngineError, internal, invalid } from "../../engine/errors.ts";
import type { Progress, Sink } from "../../engine/images/ports.ts";
import type { Descriptor } from "../../wire/manifest.ts";
import type { Client } from "./client.ts";

const ATTEMPTS = 5;
const RETRY_MS = 500;

export async function downloadBlob(
  client: Client,
  path: string,
  { digest, size }: Descriptor,
  { sink, onProgress, signal }: { sink: Sink; onProgress: Progress; signal: AbortSignal },
): Promise<void> {
  let have = 0;
  for (let attempt = 1; ; attempt++) {
    const before = have;
    try {
      const headers: Record<string, string> = have > 0 ? { Range: `bytes=${have}-` } : {};
      const response = await client.send({ method: "GET", path, headers, signal }, [200, 206]);
      let skip = resumeOffset(response, have);
      for await (const piece of response as AsyncIterable<Buffer>) {
        const fresh = piece.subarray(Math.min(skip, piece.length));
        skip -= piece.length - fresh.length;
        if (have + fresh.length > size) {
          response.destroy();
          throw invalid(`blob ${digest} is larger than the stated ${size} bytes`);
        }
        await sink(fresh);
        have += fresh.length;
        onProgress(have, size);
      }
      if (have === size) return;
      throw internal(`blob ${digest}: unexpected EOF after ${have} of ${size} bytes`);
    } catch (error) {
      if (signal.aborted || isFinal(error)) throw error;
      // Attempts are counted against one obstacle: a transfer that moves on may break more often.
      if (have > before) attempt = 1;
      if (attempt >= ATTEMPTS) throw error;
      await delay(RETRY_MS * attempt, undefined, { signal });
    }
  }
}

/** @returns how many bytes of the body are had already: a registry may ignore the range */
function resumeOffset(response: IncomingMessage, have: number): number {
  if (response.statusCode !== 206) return have;
  const start = /^bytes (\d+)-/.exec(response.headers["content-range"] ?? "")?.[1];
  if (start === undefined || Number(start) > have)
    throw internal("registry answered with another range than asked for");
  return have - Number(start);
}

function isFinal(error: unknown): boolean {
  return error instanceof EngineError && error.kind !== "internal" && error.kind !== "unavailable";
}
