import type { ContainerSample } from "../../wire/glass.ts";

/** How long a sample is remembered, ms: five minutes, 300 samples at one a second. */
const REMEMBERED_MS = 300_000;

/** The last samples of each container, across its runs: a curve goes on where the kernel killed something. */
export function createHistories(now: () => number) {
  const histories = new Map<string, ContainerSample[]>();
  const prune = (samples: ContainerSample[]) => {
    const from = now() - REMEMBERED_MS;
    const keep = samples.findIndex(({ at }) => at >= from);
    if (keep !== 0) samples.splice(0, keep < 0 ? samples.length : keep);
    return samples;
  };
  return {
    add(sample: ContainerSample): void {
      const samples = histories.get(sample.id) ?? [];
      samples.push(sample);
      histories.set(sample.id, prune(samples));
    },
    /** Oldest first. */
    of: (id: string): ContainerSample[] => [...prune(histories.get(id) ?? [])],
    /** All that are not of these, and those that have grown old. */
    forget(ids: string[]): void {
      const known = new Set(ids);
      for (const [id, samples] of histories) {
        if (!known.has(id) || prune(samples).length === 0) histories.delete(id);
      }
    },
  };
}
