/**
 * `docker stats`, made of what the sampler knows: it has read each running container before anybody asks, so that the first
 * answer has a CPU use at once, but for the first quarter of a second of a run.
 */
import type { CgroupVersion } from "../../isolation/spec.ts";
import type { Clock, HostMeter } from "../ports.ts";
import { SHORTEST_MS } from "../sampling/meters.ts";
import type { Sampler } from "../sampling/sampler.ts";
import type { Reading } from "../sampling/to-sample.ts";
import type { Container, ContainerStore } from "./container.ts";
import { hasProcess } from "./live.ts";
import { emptyStatsJson, statsJson } from "./stats-shape.ts";

export type StatsDeps = {
  store: Pick<ContainerStore, "find" | "all">;
  sampler: Pick<Sampler, "take" | "before" | "latest" | "listen">;
  version: CgroupVersion;
  host: Pick<HostMeter, "memory">;
  clock: Pick<Clock, "delay" | "monotonic">;
};

export type Stats = ReturnType<typeof createStats>;

export function createStats({ store, sampler, version, host, clock }: StatsDeps) {
  const json = ({ record }: Container, reading: Reading | undefined, before: Reading | undefined) =>
    reading && hasProcess(record)
      ? statsJson(record, reading, before, { version, memoryTotal: host.memory() })
      : emptyStatsJson(record);

  return {
    /**
     * One answer, with the CPU use since an earlier reading. Right after a start there is none yet: it is waited for, as
     * clients rely on precpu_stats, but not with `oneShot`. Throws not-found.
     */
    async once(ref: string, { oneShot }: { oneShot: boolean }): Promise<object> {
      const container = store.find(ref);
      let before = sampler.before(container);
      if (!before && !oneShot && hasProcess(container.record)) {
        before = sampler.take(container);
        await clock.delay(SHORTEST_MS);
      }
      return json(container, sampler.take(container), before);
    },

    /** An answer now and one with each tick, until the signal; also while the container does not run, as docker does. */
    async *stream(ref: string, signal: AbortSignal): AsyncGenerator<object> {
      const container = store.find(ref);
      const ticks = latestTick(sampler, signal);
      try {
        const first = sampler.take(container);
        yield json(container, first, sampler.before(container));
        for (let sent = first; await ticks.next(); ) {
          if (store.all().every(({ record }) => record.id !== container.record.id)) return;
          const { reading, before } = sampler.latest(container);
          // The tick that the first answer came just before.
          if (reading && sent && Math.abs(reading.monotonic - sent.monotonic) < SHORTEST_MS) continue;
          // What the client has got as cpu_stats comes back as precpu_stats. A reading of a run before this one is older than `before`.
          const previous = before && sent && sent.monotonic > before.monotonic ? sent : before;
          sent = reading;
          yield json(container, reading, previous);
        }
      } finally {
        ticks.stop();
      }
    },
  };
}

/** Ticks for one who may be slow: what comes meanwhile counts once. */
function latestTick(sampler: Pick<Sampler, "listen">, signal: AbortSignal) {
  let pending = false;
  let wake = () => {};
  const stopListening = sampler.listen(() => {
    pending = true;
    wake();
  });
  const woken = () => wake();
  signal.addEventListener("abort", woken);
  return {
    /** @returns false when the signal has fired */
    async next(): Promise<boolean> {
      if (!pending && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      pending = false;
      return !signal.aborted;
    },
    stop() {
      stopListening();
      signal.removeEventListener("abort", woken);
    },
  };
}
