/** The caller's side of gRPC, on a connection that is there already. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import type { Duplex } from "node:stream";
import { drained } from "../drained.ts";
import { decodeMessage, endTogether, frame, GrpcError, STATUS, unframe } from "./frames.ts";

export type Metadata = Record<string, string | string[]>;

/** A call with a stream of messages each way. */
export type Exchange = {
  /** Resolves when there is room for more. */
  send(message: Uint8Array): Promise<void>;
  /** Nothing more is sent. */
  end(): void;
  /** @throws GrpcError at its end, if the call has failed */
  responses: AsyncIterable<Buffer>;
  /** Gives the call up. Nothing happens if it is over. */
  cancel(): void;
};

/** @property signal gives the call up */
export type CallOptions = { metadata?: Metadata; signal?: AbortSignal };

export type GrpcClient = {
  exchange(path: string, options?: CallOptions): Exchange;
  /** One message there, one back. @throws GrpcError */
  call(path: string, message: Uint8Array, options?: CallOptions): Promise<Buffer>;
  closed: Promise<void>;
  close(): void;
};

/** What may be on its way to us: with HTTP/2's own 64 KiB each piece of a file would wait for the last. */
const WINDOW = 4 * 1024 * 1024;
/** Bytes of a call's metadata, which has the patterns of a .dockerignore. */
const MAX_METADATA = 1024 * 1024;

/** @param maxMessage bytes of one message */
export function connectGrpc(connection: Duplex, { maxMessage }: { maxMessage: number }): GrpcClient {
  const session: ClientHttp2Session = connect("http://localhost", {
    createConnection: () => connection,
    settings: { initialWindowSize: WINDOW, enablePush: false },
    maxSendHeaderBlockLength: MAX_METADATA,
  });
  session.once("connect", () => void (session.destroyed || session.setLocalWindowSize(WINDOW)));
  session.on("error", () => session.destroy());
  const closed = new Promise<void>((resolve) => session.once("close", resolve));
  endTogether(session, connection);

  const exchange = (path: string, { metadata = {}, signal }: CallOptions = {}): Exchange => {
    if (session.closed || session.destroyed) throw new GrpcError(STATUS.unavailable, "the connection is closed");
    const headers = {
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: path,
      "content-type": "application/grpc",
      te: "trailers",
      ...metadata,
    };
    const stream = session.request(headers, signal && { signal });
    const status = statusOf(stream);
    return {
      responses: responsesOf(stream, status, maxMessage),
      async send(message) {
        if (stream.destroyed || stream.writableEnded) throw await ended(status);
        if (!stream.write(frame(message))) await drained(stream);
      },
      end: () => void stream.end(),
      cancel: () => stream.close(constants.NGHTTP2_CANCEL),
    };
  };
  return {
    closed,
    exchange,
    async call(path, message, options) {
      const { send, end, responses } = exchange(path, options);
      await send(message);
      end();
      let answer: Buffer | undefined;
      for await (const response of responses) answer = response;
      if (!answer) throw new GrpcError(STATUS.internal, `${path} has not answered`);
      return answer;
    },
    close: () => session.close(),
  };
}

/** What the call ended with: undefined for success. */
function statusOf(stream: ClientHttp2Stream): Promise<GrpcError | undefined> {
  const cancelled = new GrpcError(STATUS.cancelled, "the call was cancelled");
  return new Promise((resolve) => {
    const look = (headers: Record<string, unknown>) => {
      const code = headers["grpc-status"];
      if (code === undefined) return;
      const status = /^\d{1,3}$/.test(String(code)) ? Number(code) : STATUS.unknown;
      const message = decodeMessage(String(headers["grpc-message"] ?? ""));
      resolve(status === STATUS.ok ? undefined : new GrpcError(status, message));
    };
    // A call that fails at once has no trailers: its first headers say so.
    stream.on("response", look);
    stream.on("trailers", look);
    stream.on("error", (error) =>
      resolve(error.name === "AbortError" ? cancelled : new GrpcError(STATUS.unavailable, error.message)),
    );
    // The other side is through, but this one may not be: nothing is closed then.
    stream.on("end", () =>
      setImmediate(() => resolve(new GrpcError(STATUS.internal, "the call has ended without a status"))),
    );
    stream.on("close", () => {
      const given = stream.rstCode === constants.NGHTTP2_CANCEL;
      resolve(given ? cancelled : new GrpcError(STATUS.unavailable, "the connection was closed"));
    });
  });
}

async function* responsesOf(stream: ClientHttp2Stream, status: Promise<GrpcError | undefined>, most: number) {
  try {
    yield* unframe(stream, most);
  } catch (error) {
    throw (await Promise.race([status, undefined])) ?? error;
  }
  const failure = await status;
  if (failure) throw failure;
}

const ended = async (status: Promise<GrpcError | undefined>) =>
  (await status) ?? new GrpcError(STATUS.unavailable, "the call is over");
