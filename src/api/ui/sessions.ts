/**
 * Who may use the page. A link with a token is good for one sign-in; what it is exchanged for is a session: a name, which is the
 * first part of every path of the page, and a secret in a cookie for that path only. Cookies know no ports: without the path,
 * every other program that serves on this address would be sent the secret.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A link that nobody opened by then is worthless. */
export const TOKEN_LIFE_MS = 5 * 60_000;
/** A session that nobody used for so long has ended. */
export const SESSION_LIFE_MS = 12 * 3600_000;
/** More than these are not kept: the oldest go. */
const MOST = 32;

export type Session = { name: string; secret: string };

export function createSessions(now: () => number) {
  /** digest of a token -> when it ends. Digests, so that looking one up tells nothing of it by its time. */
  const tokens = new Map<string, number>();
  const sessions = new Map<string, { digest: Buffer; used: number }>();

  return {
    /** A token for one sign-in. */
    issue(): string {
      const token = randomBytes(32).toString("base64url");
      keepFew(tokens).set(digestOf(token).toString("hex"), now() + TOKEN_LIFE_MS);
      return token;
    },
    /** @returns undefined for a token that was never given out, has been used, or is too old */
    redeem(token: string): Session | undefined {
      const key = digestOf(token).toString("hex");
      const ends = tokens.get(key);
      tokens.delete(key);
      if (ends === undefined || ends < now()) return undefined;
      const session = { name: randomBytes(12).toString("base64url"), secret: randomBytes(32).toString("base64url") };
      keepFew(sessions).set(session.name, { digest: digestOf(session.secret), used: now() });
      return session;
    },
    /** Is this the secret of the session of that name? Using it keeps it alive. */
    admits(name: string, secret: string | undefined): boolean {
      const session = sessions.get(name);
      if (session === undefined || secret === undefined) return false;
      if (session.used + SESSION_LIFE_MS < now()) {
        sessions.delete(name);
        return false;
      }
      if (!timingSafeEqual(session.digest, digestOf(secret))) return false;
      session.used = now();
      return true;
    },
    end: (name: string) => void sessions.delete(name),
  };
}

export type Sessions = ReturnType<typeof createSessions>;

function keepFew<V>(map: Map<string, V>): Map<string, V> {
  for (const key of map.keys()) {
    if (map.size < MOST) break;
    map.delete(key);
  }
  return map;
}

const digestOf = (text: string) => createHash("sha256").update(text).digest();
