/**
 * docker-py loses what comes in one piece with the head of a stream: it reads the head through a buffered reader, and the
 * stream from the socket below it. It lives from dockerd's slowness, where a program's first output comes tens of
 * milliseconds after the head. So the first output to it is held back for a moment.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** User agents: docker-py of old and of now, docker-compose 1.x (which has it inside). */
const BUFFERED = /docker-sdk-python|docker-py|docker-compose\/1/;
/** When output came after e ms, it is held until 2 e + MARGIN, but not longer than LONGEST after the head: on a busy machine all takes longer, the client too. */
const MARGIN_MS = 15;
const LONGEST_MS = 100;
const LOOK_MS = 5;

/**
 * Called when the head has been written: what is written from now on is held back a moment.
 * @returns resolves when nothing is held any more: the stream must not be ended before; undefined: nothing is held
 */
export function leaveHeadAlone(request: IncomingMessage, stream: Duplex): Promise<void> | undefined {
  if (!BUFFERED.test(request.headers["user-agent"] ?? "")) return undefined;
  const begun = performance.now();
  stream.cork();
  return new Promise((resolve) => {
    const release = () => {
      stream.uncork();
      resolve();
    };
    const look = () => {
      const waited = performance.now() - begun;
      if (waited >= LONGEST_MS || stream.destroyed) release();
      else if (stream.writableLength === 0) setTimeout(look, LOOK_MS);
      else setTimeout(release, Math.min(LONGEST_MS - waited, waited + MARGIN_MS));
    };
    setTimeout(look, LOOK_MS);
  });
}
