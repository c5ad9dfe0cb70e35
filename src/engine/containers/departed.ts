/** How containers ended that removed themselves: a client that asks a moment too late learns it all the same. */
import type { ExitStatus } from "./live.ts";

export type Departed = {
  add(id: string, exit: ExitStatus): void;
  /** @param id full */
  get(id: string): ExitStatus | undefined;
};

/** Of the last thousand, for five minutes. @param now milliseconds of a clock that never jumps; replaced in tests */
export function createDeparted(now: () => number = () => performance.now()): Departed {
  const exits = new Map<string, { exit: ExitStatus; until: number }>();
  return {
    add(id, exit) {
      exits.set(id, { exit, until: now() + KEPT_MS });
      // In the order of their ends: the first is the oldest.
      for (const [oldest, { until }] of exits) {
        if (exits.size <= MOST && until >= now()) break;
        exits.delete(oldest);
      }
    },
    get(id) {
      const found = exits.get(id);
      return found !== undefined && found.until >= now() ? found.exit : undefined;
    },
  };
}

const KEPT_MS = 5 * 60_000;
const MOST = 1000;
