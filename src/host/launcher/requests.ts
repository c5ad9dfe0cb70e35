/** Requests to a monitor that get a reply: resize and signal. Replies come in the order of the requests. */
import type { Socket } from "node:net";
import { conflict, type EngineError, invalid, notFound } from "../../engine/errors.ts";
import { errnoName } from "../../kernel/errno.ts";
import { encodeFrame, frameParser, frameType } from "./frames.ts";

export type Requests = {
  send(type: number, payload: Uint8Array): Promise<void>;
  /** A reply frame's payload: the answer to the oldest request. */
  replied(payload: Buffer): void;
  /** The connection is gone: nothing will be answered any more. */
  abandon(): void;
};

/** Requests over a connection that somebody else reads: hand its reply frames to `replied`. */
export function requestsOn(socket: Socket): Requests {
  let waiting: PromiseWithResolvers<void>[] = [];
  let gone = false;
  return {
    send(type, payload) {
      if (gone) return Promise.reject(processGone());
      const answer = Promise.withResolvers<void>();
      waiting.push(answer);
      socket.write(encodeFrame(type, payload));
      return answer.promise;
    },
    replied(payload) {
      const error = requestError(payload);
      const answer = waiting.shift();
      if (error) answer?.reject(error);
      else answer?.resolve();
    },
    abandon() {
      gone = true;
      for (const answer of waiting) answer.reject(processGone());
      waiting = [];
    },
  };
}

/** Requests over a connection of their own. */
export function requestsOver(socket: Socket): Requests {
  const requests = requestsOn(socket);
  const feed = frameParser((type, payload) => type === frameType.reply && requests.replied(payload));
  socket.on("data", feed);
  socket.on("error", () => {}); // "close" follows
  socket.on("close", requests.abandon);
  return requests;
}

function processGone(): EngineError {
  return conflict("the process has ended");
}

const NAMES: Record<number, string> = {
  [frameType.resize]: "resize",
  [frameType.signal]: "signal",
  [frameType.packed]: "packed log",
};

/** u8 request type, u32 BE errno */
function requestError(payload: Buffer): EngineError | undefined {
  const type = payload[0];
  const errno = payload.readUInt32BE(1);
  if (errno === 0) return undefined;
  const name = errnoName(errno);
  if (name === "ESRCH") return processGone();
  if (name === "EINVAL" && type === frameType.signal) return invalid("unknown signal");
  if (name === "ENOENT" && type === frameType.packed) return notFound("the log file has been dropped");
  return conflict(`${NAMES[type ?? 0] ?? "request"}: ${name}`);
}
