import type { ReadStream } from "node:fs";

/** A file's stream once the file is open: what cannot be opened fails here, before anything is sent. */
export function opened(stream: ReadStream): Promise<ReadStream> {
  return new Promise((resolve, reject) => {
    stream.once("open", () => resolve(stream)).once("error", reject);
  });
}
