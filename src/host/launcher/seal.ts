/** The launcher's sealed copy: docs/protocol.md, native/seal.h. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type FileHandle, open } from "node:fs/promises";

export type Sealed = {
  /** Executable path of the copy, good as long as this process lives and has not closed it. */
  path: string;
  close(): Promise<void>;
};

/**
 * Have the launcher copy itself into a sealed memfd, and take that over.
 * @param binary path of native/build/launcher
 * @throws Error when it cannot be run
 */
export async function seal(binary: string): Promise<Sealed> {
  const sealer = spawn(binary, ["--seal"], { env: {}, cwd: "/", stdio: ["pipe", "pipe", "pipe"] });
  const complaint = readAll(sealer.stderr);
  const ended = once(sealer, "exit");
  ended.catch(() => {}); // spawn's error: told by the first one to await it
  const number = await Promise.race([firstLine(sealer.stdout), ended.then(() => undefined)]);
  if (number === undefined) throw new Error(`${binary} cannot be sealed: ${(await complaint).trim()}`);
  // By /proc: the number is the sealer's, ours is another one. Read-only, so that nobody gets a writable one from us.
  const file = await open(`/proc/${sealer.pid}/fd/${number}`, "r");
  sealer.stdin.end();
  await ended;
  return sealed(file);
}

/** Not /proc/self: between fork and execve "self" is the child, whose low descriptors have been exchanged already. */
function sealed(file: FileHandle): Sealed {
  return { path: `/proc/${process.pid}/fd/${file.fd}`, close: () => file.close() };
}

async function firstLine(stream: AsyncIterable<Buffer>): Promise<string | undefined> {
  let text = "";
  for await (const chunk of stream) {
    text += chunk;
    if (text.includes("\n")) return text.trim();
  }
  return undefined;
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}
