/**
 * Sessions: a client of BuildKit's offers its files, secrets and credentials to the engine, which calls it back.
 *
 *     client                                           engine
 *     POST /session, Upgrade: h2c              ->      101, and from here on the engine is the caller
 *       X-Docker-Expose-Session-Uuid: ID               FileSync/DiffCopy, Secrets/GetSecret, Auth/Credentials, …
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import { invalid } from "../../engine/errors.ts";
import { createArrivals } from "../../lib/arrivals.ts";
import { connectGrpc, type GrpcClient } from "../../lib/grpc/client.ts";

export type Session = GrpcClient & {
  /** Does the client serve "/package.Service/Method"? */
  supports(path: string): boolean;
};

export type Sessions = ReturnType<typeof createSessions>;

/** A build may be asked for before its session is there. */
const PATIENCE_MS = 5_000;
export const MAX_MESSAGE = 16 * 1024 * 1024;

export function createSessions() {
  const open = createArrivals<Session>(PATIENCE_MS);
  return {
    /** @returns the session's id. @throws EngineError invalid */
    idOf(headers: IncomingHttpHeaders): string {
      const id = String(headers["x-docker-expose-session-uuid"] ?? "");
      if (id === "") throw invalid("X-Docker-Expose-Session-Uuid is missing");
      if (open.get(id)) throw invalid(`session ${id} is open already`);
      return id;
    },
    /** @returns when the connection is over: at once if another has come with that id since */
    async serve(id: string, headers: IncomingHttpHeaders, connection: Duplex): Promise<void> {
      if (open.get(id)) return;
      const methods = new Set(String(headers["x-docker-expose-session-grpc-method"] ?? "").split(/,\s*/));
      const client = connectGrpc(connection, { maxMessage: MAX_MESSAGE });
      const session = { ...client, supports: (path: string) => methods.has(path) };
      open.set(id, session);
      await client.closed;
      open.delete(id, session);
    },
    /**
     * @param signal gives up all calls by what is returned
     * @throws EngineError invalid if there is none in time
     */
    async find(id: string, signal: AbortSignal): Promise<Session> {
      const session = await open.find(id, signal);
      if (!session) throw invalid(`no active session for ${id}: context deadline exceeded`);
      return {
        ...session,
        exchange: (path, options) => session.exchange(path, { ...options, signal }),
        call: (path, message, options) => session.call(path, message, { ...options, signal }),
      };
    },
  };
}
