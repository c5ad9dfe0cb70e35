/** Waiting for a reader. */
import type { Writable } from "node:stream";

/** Resolves when a stream has room for more, or is over: somebody may have gone. */
export async function drained(stream: Writable): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}
