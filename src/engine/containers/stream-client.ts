/** One client of a hub: bytes of its connection to stdin, output to its connection, until either is over. */
import type { Duplex } from "node:stream";
import { encodeFrame, FRAME_HEADER_BYTES, writeFrameHeader } from "../../wire/stdcopy.ts";
import { createDetachScanner } from "./detach-keys.ts";
import type { Streams } from "./streams.ts";

export type ClientOptions = {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  /** A terminal: output is sent as it is, detach keys are looked for. Else output comes in docker's frames. */
  tty: boolean;
  detachKeys: Buffer;
  /** The process's stdin is closed when this client half-closes its connection (StdinOnce; always for an exec). */
  closeStdin: boolean;
};

/** ended: no more output comes; detached: the client asked to leave; gone: its connection broke or was cut off. */
export type ClientEnd = "ended" | "detached" | "gone";

/** A client this far behind (bytes) is cut off: it would otherwise hold up the others, or fill the memory. */
export const CLIENT_BUFFER_LIMIT = 16 * 1024 * 1024;
/** From this size on, header and payload are written separately rather than copied into one buffer. */
const COPY_LIMIT = 4096;

/** Serve a client until it is over; the connection itself is left to the caller. */
export async function serveClient(hub: Streams, connection: Duplex, options: ClientOptions): Promise<ClientEnd> {
  const { promise: over, resolve: finish } = Promise.withResolvers<ClientEnd>();
  const gone = () => finish("gone");
  connection.once("close", gone).once("error", gone);

  const remove = hub.add({
    stdout: options.stdout,
    stderr: options.stderr,
    write(stream, data) {
      if (options.tty) connection.write(data);
      else writeFrame(connection, stream, data);
      if (connection.writableLength > CLIENT_BUFFER_LIMIT) connection.destroy();
    },
    end: () => finish("ended"),
  });

  if (options.stdin) void pumpStdin(hub, connection, options).then((end) => end && finish(end), gone);
  else connection.resume(); // what it sends is for nobody, but its end must be noticed
  try {
    return await over;
  } finally {
    remove();
    connection.off("close", gone).off("error", gone);
  }
}

function writeFrame(connection: Duplex, stream: 1 | 2, data: Buffer): void {
  if (data.length <= COPY_LIMIT) {
    connection.write(encodeFrame(stream, data));
    return;
  }
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  writeFrameHeader(header, 0, stream, data.length);
  connection.cork();
  connection.write(header);
  connection.write(data);
  connection.uncork();
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
