/** One run of op `files`: records in both directions, with back-pressure, over the process's own connection. */
import type { Duplex } from "node:stream";
import { internal } from "../../engine/errors.ts";
import { FileError } from "../../engine/files/ports.ts";
import { LaunchError, type Launcher } from "../../engine/ports.ts";
import { compileFiles, type FilesRequest, type FilesRoot } from "../../isolation/compile-files.ts";
import { strerror } from "../../kernel/errno.ts";
import { inBatches, totalLength } from "../../lib/batches.ts";
import { isErrno } from "../../lib/errno.ts";
import { type ByteSource, type Bytes, byteSource, piecesOf } from "../storage/byte-source.ts";

export type Session = {
  /** what it sends */
  source: ByteSource;
  /** Resolves when more is wanted, or nobody wants any more. */
  send(bytes: Bytes): Promise<void>;
  /** Ends it, wherever it is; idempotent. */
  close(): void;
  /** Nothing of it is left: its mounts, too. */
  ended: Promise<void>;
};

/** Read ahead of whoever takes it, in bytes. */
const AHEAD = 256 * 1024;
/** Sent ahead of whoever takes it: while the kernel has no room, the next batch gathers. */
const SENT_AHEAD = 1024 * 1024;

/**
 * @throws FileError when the container is not running any more (call open_process), EngineError internal when its root
 *   cannot be entered
 */
export async function openSession(
  launcher: Pick<Launcher, "launchStream">,
  root: FilesRoot,
  request: FilesRequest,
): Promise<Session> {
  const { stream, monitorPid, exit } = await launch(launcher, root, request);
  let behind = 0;
  let wake = () => {};
  let closed = false;
  return {
    source: byteSource(output(stream)),
    async send(bytes) {
      const pieces = piecesOf(bytes);
      const size = totalLength(pieces);
      if (closed || size === 0) return;
      behind += size;
      // One call of the kernel, and no copy: files of many MB come this way.
      stream.cork();
      for (const piece of pieces.slice(0, -1)) stream.write(piece);
      stream.write(pieces.at(-1) ?? "", () => {
        behind -= size;
        wake();
      });
      stream.uncork();
      while (behind > SENT_AHEAD && !closed) await new Promise<void>((resolve) => (wake = resolve));
    },
    close() {
      if (closed) return;
      closed = true;
      // Its monitor, and with it the process, which does not end by itself: whatever it is about, nobody wants it any more.
      killMonitor(monitorPid);
      stream.destroy();
      wake();
    },
    ended: exit.then(() => {}),
  };
}

async function launch(launcher: Pick<Launcher, "launchStream">, root: FilesRoot, request: FilesRequest) {
  try {
    return await launcher.launchStream(compileFiles(root, request));
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    const { op: call, object: path, errno } = error;
    if (call === "open_process") throw new FileError({ call, path, errno });
    throw internal(`the container's files cannot be reached: ${call} ${path}: ${strerror(errno)}`, error);
  }
}

/** Its end without a word is for who reads records to tell. */
async function* output(stream: Duplex): AsyncGenerator<Buffer[]> {
  try {
    yield* inBatches(stream, AHEAD);
  } catch (error) {
    if (!isCut(error)) throw error;
  }
}

function isCut(error: unknown): boolean {
  return isErrno(error, "ECONNRESET") || isErrno(error, "EPIPE") || isErrno(error, "ERR_STREAM_PREMATURE_CLOSE");
}

/** The process has not ended, so its monitor lives: the number is nobody else's. */
function killMonitor(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!isErrno(error, "ESRCH")) throw error;
  }
}
