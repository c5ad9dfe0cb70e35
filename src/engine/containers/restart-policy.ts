/** Whether, and how soon, a container that ended is started again. Pure. */
import type { RestartPolicy } from "../../wire/container.ts";

const FIRST_DELAY = 100;
const LONGEST_DELAY = 60_000;
/** A run this long (ms) was a good one: the next failure begins with the first delay again. */
const GOOD_RUN = 10_000;

/** @param ended what is known of the run that ended */
export function shouldRestart(
  policy: RestartPolicy,
  ended: { exitCode: number; stoppedByUser: boolean; restartCount: number },
): boolean {
  if (ended.stoppedByUser) return false;
  switch (policy.Name) {
    case "always":
    case "unless-stopped":
      return true;
    case "on-failure":
      return ended.exitCode !== 0 && (policy.MaximumRetryCount === 0 || ended.restartCount < policy.MaximumRetryCount);
    default:
      return false;
  }
}

/** Milliseconds to wait: doubling from 100 ms to a minute. @param previous the last one, 0 for none */
export function nextDelay(previous: number, ranFor: number): number {
  if (previous === 0 || ranFor >= GOOD_RUN) return FIRST_DELAY;
  return Math.min(previous * 2, LONGEST_DELAY);
}

/** Whether a container that does not run is started when the engine starts. Docker starts "always" even after a stop. */
export function startsWithEngine(policy: RestartPolicy, stoppedByUser: boolean): boolean {
  return policy.Name === "always" || (policy.Name === "unless-stopped" && !stoppedByUser);
}
