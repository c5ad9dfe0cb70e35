/** How starts of containers go: counted from the first, whoever asks for it when. */

/** Seconds; the last one is everything. */
export const START_BUCKETS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type Starts = {
  ended(outcome: { milliseconds: number; failed: boolean }): void;
  /** buckets: how many took at most so long, each with those before; of starts that did not fail */
  read(): { done: number; failed: number; seconds: number; buckets: number[] };
};

export function createStarts(): Starts {
  const buckets = START_BUCKETS.map(() => 0);
  let done = 0;
  let failed = 0;
  let sum = 0;
  return {
    ended(outcome) {
      if (outcome.failed) {
        failed++;
        return;
      }
      const seconds = outcome.milliseconds / 1000;
      done++;
      sum += seconds;
      START_BUCKETS.forEach((bound, at) => {
        if (seconds <= bound) buckets[at] = (buckets[at] ?? 0) + 1;
      });
    },
    read: () => ({ done, failed, seconds: sum, buckets: [...buckets] }),
  };
}
