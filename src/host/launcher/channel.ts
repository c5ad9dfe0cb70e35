/** One connection to a monitor, as the engine uses it. */
import type { Socket } from "node:net";
import type { MonitorChannel } from "../../engine/ports.ts";
import { encodeFrame, frameHeader, frameParser, frameType } from "./frames.ts";
import { type Requests, requestsOn, requestsOver } from "./requests.ts";

export type ChannelOptions = {
  /**
   * Open a second connection for resize and signal. On the first one they would wait behind stdin that the process does
   * not read.
   */
  connectAgain?: () => Promise<Socket>;
  /** `end` is told after this: an exit code must be known before its stream ends. */
  endAfter?: Promise<unknown>;
};

type Output = { stream: 1 | 2; data: Buffer };

/** Takes the socket over; frames that come before there is a handler for them are kept. */
export function monitorChannel(socket: Socket, options: ChannelOptions = {}): MonitorChannel {
  const inbox = orderedInbox();
  const requests = requestsOn(socket);
  let control: Promise<Requests> | undefined;
  let controlSocket: Socket | undefined;
  const { promise: closed, resolve: isClosed } = Promise.withResolvers<void>();

  const end = once(() => void Promise.resolve(options.endAfter).then(inbox.end, inbox.end));
  const feed = frameParser((type, payload) => {
    if (type === frameType.stdout || type === frameType.stderr)
      inbox.output({ stream: type === 1 ? 1 : 2, data: payload });
    else if (type === frameType.reply) requests.replied(payload);
    else if (type === frameType.ended) end();
  });
  socket.on("data", feed);
  socket.on("error", () => {}); // "close" follows
  socket.on("close", () => {
    end();
    requests.abandon();
    controlSocket?.destroy();
    isClosed();
  });

  async function request(type: number, payload: Buffer): Promise<void> {
    const { connectAgain } = options;
    if (!connectAgain || socket.closed) return requests.send(type, payload);
    control ??= connectAgain().then((opened) => {
      controlSocket = opened;
      if (socket.closed) opened.destroy();
      return requestsOver(opened);
    });
    // A monitor that takes no more connections is about to close this one: it answers there, or nobody does.
    const open = await control.catch(() => requests);
    return open.send(type, payload);
  }

  return {
    onOutput: inbox.onOutput,
    onEnd: inbox.onEnd,
    pause() {
      inbox.pause();
      socket.pause();
    },
    resume() {
      inbox.resume();
      socket.resume();
    },
    subscribe: (mask) => void socket.write(encodeFrame(frameType.subscribe, Uint8Array.of(mask))),
    writeStdin(data) {
      // One call of the kernel, and no copy: files of many MB come this way.
      socket.cork();
      socket.write(frameHeader(frameType.stdin, data.length));
      const more = socket.write(data);
      socket.uncork();
      return more;
    },
    onDrain: (handler) => void socket.on("drain", handler),
    closeStdin: () => void socket.write(encodeFrame(frameType.closeStdin)),
    resize: (rows, cols) => request(frameType.resize, numbers16(rows, cols)),
    signal: (number) => request(frameType.signal, numbers16(number >>> 16, number & 0xffff)),
    packed(inode) {
      const payload = Buffer.alloc(8);
      payload.writeBigUInt64BE(inode);
      return request(frameType.packed, payload);
    },
    close: () => socket.destroySoon(),
    closed,
  };
}

function numbers16(first: number, second: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt16BE(first, 0);
  payload.writeUInt16BE(second, 2);
  return payload;
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}

/** Output and then the end, in order, to handlers that may come late; nothing while paused. */
function orderedInbox() {
  const queue: Output[] = [];
  let paused = false;
  let ended = false;
  let onOutput: ((stream: 1 | 2, data: Buffer) => void) | undefined;
  let onEnd: (() => void) | undefined;

  function deliver(): void {
    while (!paused && onOutput) {
      const next = queue.shift();
      if (!next) break;
      onOutput(next.stream, next.data);
    }
    if (!paused && ended && queue.length === 0 && onEnd) {
      const tell = onEnd;
      onEnd = undefined;
      tell();
    }
  }
  // Late handlers are called later, never from inside the call that sets them.
  const soon = () => queueMicrotask(deliver);

  return {
    output(item: Output) {
      queue.push(item);
      deliver();
    },
    end() {
      ended = true;
      deliver();
    },
    onOutput(handler: (stream: 1 | 2, data: Buffer) => void) {
      onOutput = handler;
      soon();
    },
    onEnd(handler: () => void) {
      onEnd = handler;
      soon();
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      soon();
    },
  };
}
