/** The caller's side of gRPC, on a connection that is there already. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import type { Duplex } from "node:stream";
import { decodeMessage, drained, frame, GrpcError, STATUS, unframe } from "./frames.ts";

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

export type GrpcClient = {
  exchange(path: string, metadata?: Metadata): Exchange;
  /** One message there, one back. @throws GrpcError */
  call(path: string, message: Uint8Array, metadata?: Metadata): Promise<Buffer>;
  closed: Promise<void>;
  close(): void;
};

/** What may be on its way to us: with HTTP/2's own 64 KiB each piece of a file would wait for the last. */
const WINDOW = 4 * 1024 * 1024;

/** @param maxMessage bytes of one message */
export function connectGrpc(connection: Duplex, { maxMessage }: { maxMessage: number }): GrpcClient {
  const session: ClientHttp2Session = connect("http://localhost", {
    createConnection: () => connection,
    settings: { initialWindowSize: WINDOW, enablePush: false },
  });
  session.once("connect", () => session.setLocalWindowSize(WINDOW));
  session.on("error", () => session.destroy());
  const closed = new Promise<void>((resolve) => session.once("close", resolve));

  const exchange = (path: string, metadata: Metadata = {}): Exchange => {
    if (session.closed || session.destroyed) throw new GrpcError(STATUS.unavailable, "the connection is closed");
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: path,
      "content-type": "application/grpc",
      te: "trailers",
      ...metadata,
    });
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
    async call(path, message, metadata) {
      const { send, end, responses } = exchange(path, metadata);
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
  return new Promise((resolve) => {
    const look = (headers: Record<string, unknown>) => {
      const code = headers["grpc-status"];
      if (code === undefined) return;
      const message = decodeMessage(String(headers["grpc-message"] ?? ""));
      resolve(Number(code) === STATUS.ok ? undefined : new GrpcError(Number(code), message));
    };
    // A call that fails at once has no trailers: its first headers say so.
    stream.on("response", look);
    stream.on("trailers", look);
    stream.on("error", (error) => resolve(new GrpcError(STATUS.unavailable, error.message)));
    stream.on("close", () => {
      const cancelled = stream.rstCode === constants.NGHTTP2_CANCEL;
      resolve(
        cancelled
          ? new GrpcError(STATUS.cancelled, "the call was cancelled")
          : new GrpcError(STATUS.unavailable, "the connection was closed"),
      );
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
