/** The real clock: wall time with nanoseconds that never repeats or goes back within the process. */
import { setTimeout as delay } from "node:timers/promises";

/**
 * Nanoseconds since 1970, at least one more than at the last call: events and records keep their order. Node has the wall clock
 * in milliseconds only; what is below comes from the monotonic clock. So it never parts from CLOCK_REALTIME, which monitors
 * write into logs and exit records, by more than that millisecond.
 */
export function nowNano(): bigint {
  const wall = BigInt(Date.now()) * MILLISECOND;
  const monotonic = process.hrtime.bigint();
  const guess = monotonic + offset;
  const inside = guess >= wall && guess < wall + MILLISECOND;
  if (!inside) offset = wall - monotonic;
  const now = inside ? guess : wall;
  // A clock that was set back by more than a second is believed.
  last = now > last || last - now > 1000n * MILLISECOND ? now : last + 1n;
  return last;
}
const MILLISECOND = 1_000_000n;
/** What turns the monotonic clock into the wall clock. */
let offset = 0n;
let last = 0n;

/** RFC 3339 in UTC with nine digits, trailing zeros cut as Go's RFC3339Nano does. */
export function rfc3339Nano(nano: bigint): string {
  const seconds = nano / 1_000_000_000n;
  const fraction = (nano % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "");
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return fraction === "" ? `${whole}Z` : `${whole}.${fraction}Z`;
}

/** now: RFC3339Nano; monotonic: milliseconds since boot; delay: rejects when the signal aborts. */
export const systemClock = {
  now: () => rfc3339Nano(nowNano()),
  // CLOCK_MONOTONIC (clock_gettime(2)); performance.now() counts from each process' own start.
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  delay: async (ms: number, signal?: AbortSignal): Promise<void> => {
    await delay(ms, undefined, signal ? { signal } : {});
  },
};
