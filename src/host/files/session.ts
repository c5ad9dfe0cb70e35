/** One run of op `files`: records in both directions, with back-pressure, over the monitor's channel. */
import { internal } from "../../engine/errors.ts";
import { FileError } from "../../engine/files/ports.ts";
import { LaunchError, type Launcher, type MonitorChannel } from "../../engine/ports.ts";
import { compileFiles, type FilesRequest, type FilesRoot } from "../../isolation/compile-files.ts";
import { strerror } from "../../kernel/errno.ts";
import { isErrno } from "../../lib/errno.ts";
import { type ByteSource, byteSource } from "../storage/byte-source.ts";

export type Session = {
  /** what it sends */
  source: ByteSource;
  /** Resolves when more is wanted, or nobody wants any more. */
  send(bytes: Buffer): Promise<void>;
  /** Ends it, wherever it is; idempotent. */
  close(): void;
  /** Nothing of it is left: its mounts, too. */
  ended: Promise<void>;
};

/** Read ahead of whoever takes it, in bytes. */
const AHEAD = 256 * 1024;
/** Sent ahead of whoever takes it: with less, each piece waits until the one before is through three processes. */
const SENT_AHEAD = 1024 * 1024;

/**
 * @throws FileError when the container is not running any more (call open_process), EngineError internal when its root
 *   cannot be entered
 */
export async function openSession(
  launcher: Pick<Launcher, "launch">,
  root: FilesRoot,
  request: FilesRequest,
): Promise<Session> {
  const { channel, monitorPid, exit } = await launch(launcher, root, request);
  const waiting = waiter();
  let behind = 0;
  channel.onDrain(() => {
    behind = 0;
    waiting.wake();
  });
  void channel.closed.then(waiting.wake);
  let closed = false;
  return {
    source: byteSource(output(channel, waiting.wake)),
    async send(bytes) {
      if (closed) return;
      const isBehind = !channel.writeStdin(bytes) || behind > 0;
      if (isBehind) behind += bytes.length;
      if (behind > SENT_AHEAD) await waiting.next();
    },
    close() {
      if (closed) return;
      closed = true;
      // Its monitor, and with it the process, which does not end by itself: whatever it is about, nobody wants it any more.
      killMonitor(monitorPid);
      channel.close();
      waiting.wake();
    },
    ended: exit.then(() => {}),
  };
}

async function launch(launcher: Pick<Launcher, "launch">, root: FilesRoot, request: FilesRequest) {
  try {
    return await launcher.launch(compileFiles(root, request));
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    const { op: call, object: path, errno } = error;
    if (call === "open_process") throw new FileError({ call, path, errno });
    throw internal(`the container's files cannot be reached: ${call} ${path}: ${strerror(errno)}`, error);
  }
}

async function* output(channel: MonitorChannel, onEnd: () => void): AsyncGenerator<Buffer> {
  const queue: Buffer[] = [];
  const waiting = waiter();
  let size = 0;
  let ended = false;
  channel.onOutput((stream, data) => {
    if (stream !== 1) return;
    queue.push(data);
    size += data.length;
    if (size > AHEAD) channel.pause();
    waiting.wake();
  });
  channel.onEnd(() => {
    ended = true;
    waiting.wake();
    onEnd();
  });
  for (;;) {
    const next = queue.shift();
    if (next) {
      size -= next.length;
      if (size <= AHEAD) channel.resume();
      yield next;
    } else if (ended) return;
    else await waiting.next();
  }
}

/** Lets one wait until somebody wakes it. */
function waiter(): { next(): Promise<void>; wake(): void } {
  let wake = () => {};
  return {
    next: () => new Promise((resolve) => (wake = resolve)),
    wake: () => wake(),
  };
}

/** The process has not ended, so its monitor lives: the number is nobody else's. */
function killMonitor(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!isErrno(error, "ESRCH")) throw error;
  }
}
