import type { Readable, Writable } from "node:stream";
import { PassThrough } from "node:stream";
import type { Cli } from "../cli.ts";
import { complain } from "../cli.ts";
import type { Hijacked } from "../engine/connection.ts";
import { textOf } from "../errors.ts";
import { copy, demux } from "./demux.ts";
import { DEFAULT_KEYS, detachWatcher, keysOf } from "./detach-keys.ts";
import { rawTerminal } from "./terminal.ts";

type Streaming = { stdin: boolean; stdout: boolean; stderr: boolean; tty: boolean; detachKeys: string };

/**
 * Copies between this process's streams and a container's, until its output ends or the detach keys are typed.
 * A terminal is put into raw mode for that long, whatever happens.
 */
export async function streamHijacked(
  cli: Cli,
  { socket, head }: Hijacked,
  how: Streaming,
): Promise<"ended" | "detached"> {
  const restore = how.stdin && how.tty ? rawTerminal(cli.in) : () => {};
  const out = how.stdout ? cli.out : undefined;
  const err = how.stderr ? (how.tty ? cli.out : cli.err) : undefined;
  let stopInput = () => {};
  try {
    const detached = new Promise<"detached">((resolve) => {
      if (how.stdin) stopInput = sendInput(cli, cli.in, socket, how, () => resolve("detached"));
    });
    if (!how.stdin) socket.end();
    if (!out && !err) return await Promise.race([detached, inputEnd(cli.in)]);
    const source = withHead(socket, head);
    const output = how.tty ? copy(source, out ?? err) : demux(source, out, err);
    return await Promise.race([detached, output.then(() => "ended" as const)]);
  } finally {
    stopInput();
    restore();
    socket.destroy();
  }
}

const inputEnd = (input: Readable) => new Promise<"ended">((resolve) => input.once("end", () => resolve("ended")));

/** What came together with the answer's headers is the stream's beginning. */
function withHead(socket: Readable, head: Buffer): Readable {
  if (head.length === 0) return socket;
  const joined = new PassThrough();
  joined.write(head);
  socket.on("error", (error) => joined.destroy(error));
  return socket.pipe(joined);
}

function sendInput(cli: Cli, input: NodeJS.ReadStream, to: Writable, how: Streaming, onDetach: () => void): () => void {
  const watch = how.tty ? detachWatcher(keys(cli, how.detachKeys)) : undefined;
  const onData = (chunk: Buffer) => {
    const { pass, detached } = watch ? watch(chunk) : { pass: chunk, detached: false };
    if (pass.length && !to.write(pass)) {
      input.pause();
      to.once("drain", () => input.resume());
    }
    if (detached) onDetach();
  };
  // Half a close: the container reads its end of input, and we go on reading its output.
  const onEnd = () => to.end();
  input.on("data", onData).on("end", onEnd);
  to.on("error", () => input.pause());
  return () => {
    input.off("data", onData).off("end", onEnd).pause();
  };
}

function keys(cli: Cli, text: string): Uint8Array {
  const chosen = text || cli.config.contents().detachKeys || "";
  if (chosen === "") return DEFAULT_KEYS;
  try {
    return keysOf(chosen);
  } catch (error) {
    complain(cli, `invalid detach escape keys, using default: ${textOf(error)}`);
    return DEFAULT_KEYS;
  }
}
