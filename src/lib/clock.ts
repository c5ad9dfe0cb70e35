/** The real clock: wall time with nanoseconds that never repeats or goes back within the process. */
import { setTimeout as delay } from "node:timers/promises";

/** Nanoseconds since 1970, at least one more than at the last call: events and records keep their order. */
export function nowNano(): bigint {
  const wall = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
  const drift = BigInt(Date.now()) * 1_000_000n - wall;
  // performance.now() does not follow a clock that is set: where the two part by more than a second, the wall clock is right.
  const now = drift > 1_000_000_000n || drift < -1_000_000_000n ? wall + drift : wall;
  last = now > last || last - now > 1_000_000_000n ? now : last + 1n;
  return last;
}
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
