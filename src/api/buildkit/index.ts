/** BuildKit's protocol over the engine's own builder, for clients that build by it: buildx, compose 2, the CLI with DOCKER_BUILDKIT=1. */
import type { IncomingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import type { Builds } from "../../engine/build/index.ts";
import type { Images } from "../../engine/images/images.ts";
import { STATUS } from "../../lib/grpc/frames.ts";
import { serveGrpc } from "../../lib/grpc/server.ts";
import { createKitBuilds } from "./builds.ts";
import { controlMethods } from "./control.ts";
import { failureText } from "./failure.ts";
import { type PostedBuild, postedBuild, type Tell } from "./posted.ts";
import { createSessions, MAX_MESSAGE } from "./sessions.ts";
import { createUploads } from "./uploads.ts";

export type BuildkitDeps = {
  builds: Builds;
  images: Images;
  version: string;
  /** nanoseconds since 1970 */
  nowNano: () => bigint;
};
export type Buildkit = {
  /**
   * A context that is an archive: POST /build?buildid=upload-request:ID beside the build's own POST.
   * @returns when the build has read it, or needs it no more
   */
  upload(id: string, archive: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void>;
  /** POST /grpc: the engine is the server. Resolves when the connection is over. */
  serve(connection: Duplex): Promise<void>;
  /**
   * POST /session: the client is the server.
   * @returns what serves the connection. @throws EngineError invalid on headers that are wrong
   */
  session(headers: IncomingHttpHeaders): (connection: Duplex) => Promise<void>;
  /** POST /build?version=2. @returns the image's id. @throws Error with BuildKit's text */
  build(asked: PostedBuild, tell: Tell, signal: AbortSignal): Promise<string>;
};

export function createBuildkit(deps: BuildkitDeps): Buildkit {
  const sessions = createSessions();
  const uploads = createUploads();
  const all = { ...deps, sessions, uploads, kitBuilds: createKitBuilds(deps.nowNano) };
  const methods = controlMethods(all);
  return {
    serve: (connection) => serveGrpc(connection, { methods, maxMessage: MAX_MESSAGE, statusOf }),
    session(headers) {
      const id = sessions.idOf(headers);
      return (connection) => sessions.serve(id, headers, connection);
    },
    upload: uploads.offer,
    build: (asked, tell, signal) => postedBuild(all, asked, tell, signal),
  };
}

const statusOf = (error: unknown) => ({ code: STATUS.unknown, message: failureText(error) });
