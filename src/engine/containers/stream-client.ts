/** One client of a hub: bytes of its connection to stdin, output to its connection, until either is over. */
import type { Duplex } from "node:stream";
import { drained } from "../../lib/drained.ts";
import { spoolTo } from "../../lib/spool.ts";
import { encodeFrame, FRAME_HEADER_BYTES, writeFrameHeader } from "../../wire/stdcopy.ts";
import { createDetachScanner } from "./detach-keys.ts";
import type { Streams } from "./streams.ts";

export type ClientOptions = {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  /** A terminal: detach keys are looked for. */
  tty: boolean;
  /** In docker's frames, which tell stdout from stderr; else output is sent as it is. */
  multiplexed: boolean;
  detachKeys: Buffer;
  /** What a slow client means: its output waits in a file, or the process waits (the hub was made with `wait`). */
  whenSlow: "spool" | "wait";
  /** The process's stdin is closed when this client half-closes its connection (StdinOnce; always for an exec). */
  closeStdin: boolean;
};

/** ended: no more output comes; detached: the client asked to leave; gone: its connection broke or was cut off. */
export type ClientEnd = "ended" | "detached" | "gone";

/** A client this far behind (bytes) is no longer fed from memory … */
const MEMORY = 4 * 1024 * 1024;
/** … but from a file, up to this size; then it is cut off. */
const DISK = 1024 * 1024 * 1024;
/** A hub that waits does so from here on. */
const BEHIND = 1024 * 1024;
/** From this size on, header and payload are written separately rather than copied into one buffer. */
const COPY_LIMIT = 4096;

/** Serve a client until it is over; the connection itself is left to the caller. */
export async function serveClient(hub: Streams, connection: Duplex, options: ClientOptions): Promise<ClientEnd> {
  const { promise: over, resolve: finish } = Promise.withResolvers<ClientEnd>();
  const gone = () => finish("gone");
  connection.once("close", gone).once("error", gone);

  const spool = spoolTo(connection, {
    memory: options.whenSlow === "wait" ? Number.POSITIVE_INFINITY : MEMORY,
    disk: DISK,
  });
  const remove = hub.add({
    stdout: options.stdout,
    stderr: options.stderr,
    write(stream, data) {
      if (!spool.write(options.multiplexed ? framed(stream, data) : [data])) connection.destroy();
      return options.whenSlow === "wait" && connection.writableLength > BEHIND ? drained(connection) : undefined;
    },
    end: () => void spool.flushed().then(() => finish("ended")),
  });

  if (options.stdin) void pumpStdin(hub, connection, options).then((end) => end && finish(end), gone);
  else connection.resume(); // what it sends is for nobody, but its end must be noticed
  try {
    return await over;
  } finally {
    remove();
    spool.close();
    connection.off("close", gone).off("error", gone);
  }
}

function framed(stream: 1 | 2, data: Buffer): Buffer[] {
  if (data.length <= COPY_LIMIT) return [encodeFrame(stream, data)];
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  writeFrameHeader(header, 0, stream, data.length);
  return [header, data];
}

/** @returns how the client ended by what it sent; undefined: it only has no more input, output goes on */
async function pumpStdin(hub: Streams, connection: Duplex, options: ClientOptions): Promise<ClientEnd | undefined> {
  const scanner = options.tty ? createDetachScanner(options.detachKeys) : undefined;
  for await (const chunk of connection.iterator({ destroyOnReturn: false })) {
    const { pass, detached } = scanner?.scan(chunk) ?? { pass: chunk as Buffer, detached: false };
    if (pass.length > 0) await hub.writeStdin(pass);
    if (detached) return "detached";
  }
  if (options.closeStdin && !options.tty) {
    await hub.closeStdin();
    return undefined;
  }
  // As docker does: a client whose input ended, but must not close the process's, has nothing more to do here.
  return "ended";
}
