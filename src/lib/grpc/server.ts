/** The server's side of gRPC, on a connection that is there already. */
import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Duplex } from "node:stream";
import { drained } from "../drained.ts";
import { encodeMessage, endTogether, frame, GrpcError, STATUS, unframe } from "./frames.ts";

export type Call = {
  metadata: IncomingHttpHeaders;
  requests: AsyncIterable<Buffer>;
  /** fires when the caller is gone, or has had enough */
  signal: AbortSignal;
};

/** What a method answers: messages, as many as it likes. What it throws is the call's status. */
export type Method = (call: Call) => AsyncIterable<Uint8Array>;

export type ServeOptions = {
  /** "/package.Service/Method" -> what is done */
  methods: ReadonlyMap<string, Method>;
  /** bytes of one message */
  maxMessage: number;
  /** What to tell of an error: by default its text as "unknown". */
  statusOf?: (error: unknown) => { code: number; message: string };
};

const MAX_CALLS = 100;

/** @returns when the connection is over */
export async function serveGrpc(connection: Duplex, options: ServeOptions): Promise<void> {
  const session: ServerHttp2Session = performServerHandshake(connection, {
    settings: { maxConcurrentStreams: MAX_CALLS },
  });
  session.on("stream", (stream, headers) => void answer(stream, headers, options));
  session.on("error", () => session.destroy());
  const closed = new Promise<void>((resolve) => session.once("close", resolve));
  endTogether(session, connection);
  await closed;
}

async function answer(stream: ServerHttp2Stream, metadata: IncomingHttpHeaders, options: ServeOptions): Promise<void> {
  const gone = new AbortController();
  stream.once("close", () => gone.abort());
  // A caller that resets its call is no fault of anybody's.
  stream.on("error", () => gone.abort());
  const path = String(metadata[constants.HTTP2_HEADER_PATH]);
  const method = options.methods.get(path);
  let trailers: Record<string, string> = { "grpc-status": String(STATUS.ok) };
  stream.once("wantTrailers", () => stream.sendTrailers(trailers));
  try {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    if (!method) {
      throw new GrpcError(STATUS.unimplemented, `unknown method ${path}`);
    }
    const requests = unframe(stream, options.maxMessage);
    for await (const message of method({ metadata, requests, signal: gone.signal })) {
      if (gone.signal.aborted) return;
      if (!stream.write(frame(message))) await drained(stream);
    }
  } catch (error) {
    const { code, message } = statusOf(error, options);
    trailers = { "grpc-status": String(code), "grpc-message": encodeMessage(message) };
  }
  if (!stream.destroyed) stream.end();
}

function statusOf(error: unknown, { statusOf: other }: ServeOptions): { code: number; message: string } {
  if (error instanceof GrpcError) return error;
  return other?.(error) ?? { code: STATUS.unknown, message: error instanceof Error ? error.message : String(error) };
}
