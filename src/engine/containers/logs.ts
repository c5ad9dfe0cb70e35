/** `docker logs`: what a container wrote, from its json-file log, and with follow what it goes on to write. */
import type { Writable } from "node:stream";
import { drained } from "../../lib/drained.ts";
import { invalid, notImplemented } from "../errors.ts";
import type { Clock, LogFile, LogFiles } from "../ports.ts";
import type { Container } from "./container.ts";
import { createLogDecoder, type LogFormat } from "./log-decode.ts";
import { type LogPosition, tailPosition } from "./log-tail.ts";

export type LogRequest = {
  stdout: boolean;
  stderr: boolean;
  follow?: boolean;
  timestamps?: boolean;
  details?: boolean;
  tail: number | "all";
  /** nanoseconds since the epoch */
  since?: bigint;
  until?: bigint;
  /** In docker's frames; if not said: unless the container has a terminal. */
  multiplexed?: boolean;
};

export type LogDeps = {
  logFiles: LogFiles;
  clock: Pick<Clock, "delay">;
  /** Where the container's log is. */
  logPath: (containerId: string) => string;
};

/** Read this much at a time, bytes. A line is never longer: its text is at most 16 KiB. */
const READ = 256 * 1024;
/** Less than this is copied before it is sent, bytes. */
const SMALL = 16 * 1024;
/** A follower looks by itself that often, should a notification get lost. */
const LOOK_MS = 1000;

/** Throws invalid if no stream is chosen, not-implemented if the log driver cannot be read. */
export function checkLogRequest(container: Container, request: LogRequest): void {
  if (!request.stdout && !request.stderr) throw invalid("Bad parameters: you must choose at least one stream");
  if (container.record.hostConfig.LogConfig.Type === "none") {
    throw notImplemented("configured logging driver does not support reading");
  }
}

/** Write the log to `out`, which is not ended. Returns when all is written, or the reader has gone. */
export async function streamLogs(
  deps: LogDeps,
  container: Container,
  request: LogRequest,
  out: Writable,
): Promise<void> {
  const follower = request.follow && hasProcess(container) ? follow(deps, container, request, out) : undefined;
  const files = await deps.logFiles.open(deps.logPath(container.record.id));
  try {
    const start = request.tail === "all" ? { file: 0, offset: 0 } : await tailPosition(files, request.tail);
    const decoder = createLogDecoder(formatOf(container, request));
    await copy({ deps, container, decoder, out, follower }, files, start);
  } finally {
    follower?.stop();
    for (const file of files) await file.close();
  }
}

const hasProcess = ({ record }: Container) => record.state.status === "running" || record.state.status === "paused";

function formatOf(container: Container, request: LogRequest): LogFormat {
  const { stdout, stderr, timestamps = false, details = false, since, until } = request;
  const { multiplexed = !container.record.config.Tty } = request;
  const format: LogFormat = { stdout, stderr, timestamps, details, multiplexed };
  if (since !== undefined) format.since = since;
  if (until !== undefined) format.until = until;
  return format;
}

type Copy = {
  deps: LogDeps;
  container: Container;
  decoder: ReturnType<typeof createLogDecoder>;
  out: Writable;
  follower: Follower | undefined;
};

/** `files` is added to as the log is rotated under the reader. */
async function copy(work: Copy, files: LogFile[], start: LogPosition): Promise<void> {
  let { file: index, offset } = start;
  const input = Buffer.allocUnsafe(READ);
  // Used again and again: new ones would be mapped, zeroed and unmapped by the kernel, hundreds for a long log.
  let room = Buffer.allocUnsafe(READ);
  let held = 0;
  while (!work.out.destroyed) {
    const file = files[index];
    // Asked before reading: what was written before the end is read after it.
    const over = work.follower?.over ?? true;
    const read = file ? await file.read(input.subarray(held), offset) : 0;
    if (read > 0) {
      offset += read;
      held += read;
      const { output, used, past } = work.decoder.decode(input, held, room);
      input.copyWithin(0, used, held);
      held = held - used === READ ? 0 : held - used;
      const isSmall = output.length < SMALL;
      const sent = output.length === 0 || (await write(work.out, isSmall ? Buffer.from(output) : output));
      if (!sent && !isSmall) room = Buffer.allocUnsafe(READ);
      if (past) return;
      continue;
    }
    const newest = index + 1 >= files.length;
    const change = newest ? await rotated(work, files, offset) : undefined;
    // What was written between our look at its end and the rotation is still to be read.
    if (change === "moved") continue;
    if (!newest || change === "emptied") {
      if (!newest) index++;
      offset = 0;
      held = 0;
      continue;
    }
    if (over) return;
    await work.follower?.changed();
  }
}

/**
 * At the end of the newest file known: has the log gone on in another one?
 * Our file may have been renamed more than once meanwhile; all that is newer is appended to `files`.
 * @returns moved: newer files were added; emptied: it begins anew
 */
async function rotated(
  { deps, container, decoder, follower }: Copy,
  files: LogFile[],
  offset: number,
): Promise<"moved" | "emptied" | undefined> {
  if (!follower) return undefined;
  const current = files.at(-1);
  // With max-file=1 the monitor empties the file and goes on in it.
  if (current && (await current.size()) < offset) return "emptied";
  if (current && (await deps.logFiles.isCurrent(deps.logPath(container.record.id), current.inode))) return undefined;
  const now = await deps.logFiles.open(deps.logPath(container.record.id));
  const ours = now.findIndex(({ inode }) => inode === current?.inode);
  // It may have been compressed into another file: then what was read of it is left out by its time.
  if (ours < 0 && current) decoder.skipSeen();
  for (const old of now.splice(0, ours + 1)) await old.close();
  files.push(...now);
  return now.length > 0 ? "moved" : undefined;
}

/**
 * Resolves when there is room again, or the reader has gone.
 * @returns whether all has been sent: `data` may be written over
 */
async function write(out: Writable, data: Buffer): Promise<boolean> {
  if (out.write(data) || out.destroyed) return out.destroyed;
  await drained(out);
  return true;
}

type Follower = {
  /** The container has ended or is gone, or the time asked for has come: what is there is the rest. */
  readonly over: boolean;
  /** Resolves at the next change, or `over`. */
  changed(): Promise<void>;
  stop(): void;
};

function follow(deps: LogDeps, container: Container, { until }: LogRequest, out: Writable): Follower {
  const stopped = new AbortController();
  let over = false;
  let news = false;
  let wake: (() => void) | undefined;
  const notify = () => {
    news = true;
    wake?.();
  };
  const end = () => {
    over = true;
    notify();
  };
  const unwatch = deps.logFiles.watch(deps.logPath(container.record.id), notify);
  out.once("close", end);
  void container.nextExit().then(end, end);
  void container.removed().then(end, end);
  if (until !== undefined) {
    const ms = Math.max(0, Number(until / 1_000_000n) - Date.now());
    if (ms < 2 ** 31) void deps.clock.delay(ms, stopped.signal).then(end, () => {});
  }
  return {
    get over() {
      return over;
    },
    async changed() {
      if (!news) {
        const looked = new AbortController();
        await Promise.race([
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
          deps.clock.delay(LOOK_MS, looked.signal).catch(() => {}),
        ]);
        looked.abort();
      }
      news = false;
    },
    stop() {
      stopped.abort();
      unwatch();
      out.off("close", end);
    },
  };
}
