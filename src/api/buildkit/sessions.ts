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
  const open = new Map<string, Session>();
  const waiting = new Map<string, Set<() => void>>();
  return {
    /** @returns the session's id. @throws EngineError invalid */
    idOf(headers: IncomingHttpHeaders): string {
      const id = String(headers["x-docker-expose-session-uuid"] ?? "");
      if (id === "") throw invalid("X-Docker-Expose-Session-Uuid is missing");
      if (open.has(id)) throw invalid(`session ${id} is open already`);
      return id;
    },
    /** @returns when the connection is over */
    async serve(id: string, headers: IncomingHttpHeaders, connection: Duplex): Promise<void> {
      const methods = new Set(String(headers["x-docker-expose-session-grpc-method"] ?? "").split(/,\s*/));
      const client = connectGrpc(connection, { maxMessage: MAX_MESSAGE });
      open.set(id, { ...client, supports: (path) => methods.has(path) });
      for (const tell of waiting.get(id) ?? []) tell();
      await client.closed;
      open.delete(id);
    },
    /** @throws EngineError invalid if there is none in time */
    async find(id: string): Promise<Session> {
      const found = open.get(id) ?? (await comes(id));
      if (!found) throw invalid(`no active session for ${id}: context deadline exceeded`);
      return found;
    },
  };

  async function comes(id: string): Promise<Session | undefined> {
    const others = waiting.get(id) ?? new Set();
    waiting.set(id, others);
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        others.delete(done);
        if (others.size === 0) waiting.delete(id);
        resolve();
      };
      const timer = setTimeout(done, PATIENCE_MS);
      others.add(done);
    });
    return open.get(id);
  }
}
