/** Writing to somebody who reads slowly: what does not fit into memory waits in a file without a name. */
import { closeSync, mkdtempSync, openSync, read, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { promisify } from "node:util";

export type Spool = {
  /** @returns false when there is no room any more: what was given is lost */
  write(pieces: Buffer[]): boolean;
  /** Resolves when nothing waits in the file any more, or the reader has gone. */
  flushed(): Promise<void>;
  close(): void;
};

/** Read from the file in pieces of this size, bytes. */
const PIECE = 256 * 1024;
const readAt = promisify(read);

/**
 * @param out gets everything in order; it is not ended
 * @param limits bytes that may wait in memory before the file is used, and bytes that may wait in the file
 */
export function spoolTo(out: Writable, limits: { memory: number; disk: number }): Spool {
  let file: { fd: number; written: number; taken: number } | undefined;
  let pump: Promise<void> = Promise.resolve();

  const close = () => {
    if (file) closeSync(file.fd);
    file = undefined;
  };

  const toFile = (pieces: Buffer[]): boolean => {
    file ??= { fd: openNameless(), written: 0, taken: 0 };
    if (file.written - file.taken > limits.disk) return false;
    for (const piece of pieces) file.written += writeSync(file.fd, piece, 0, piece.length, file.written);
    return true;
  };

  const toReader = async (): Promise<void> => {
    const held = file;
    while (held && file === held && !out.destroyed) {
      await drained(out);
      const piece = Buffer.allocUnsafe(Math.min(PIECE, held.written - held.taken));
      const { bytesRead } = await readAt(held.fd, piece, 0, piece.length, held.taken);
      if (file !== held) return; // closed meanwhile
      held.taken += bytesRead;
      out.write(piece.subarray(0, bytesRead));
      // Nothing can come between this look and the next write, which then goes straight to the reader.
      if (held.taken === held.written) close();
    }
  };

  return {
    write(pieces) {
      if (out.destroyed) return true;
      if (!file && out.writableLength <= limits.memory) {
        for (const piece of pieces) out.write(piece);
        return true;
      }
      const idle = !file;
      try {
        if (!toFile(pieces)) return false;
      } catch {
        return false; // the disk is full
      }
      if (idle) pump = toReader().catch(() => void out.destroy());
      return true;
    },
    flushed: () => pump,
    close,
  };
}

function openNameless(): number {
  const directory = mkdtempSync(join(tmpdir(), "cloche-spool-"));
  try {
    return openSync(join(directory, "spool"), "w+", 0o600);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function drained(out: Writable): Promise<void> | undefined {
  if (!out.writableNeedDrain || out.destroyed) return undefined;
  return new Promise((resolve) => {
    const done = () => {
      out.off("drain", done).off("close", done);
      resolve();
    };
    out.on("drain", done).on("close", done);
  });
}
