/** Restart: stop if it runs, then start. */
import type { Deps } from "./deps.ts";
import { isRunning } from "./live.ts";
import { publish } from "./publish.ts";
import { run } from "./start.ts";
import { type StopOptions, signalNumber, stop } from "./stop.ts";

/** Throws what stop and start throw. */
export async function restartContainer(deps: Deps, ref: string, options: StopOptions): Promise<void> {
  const container = deps.store.find(ref);
  const signal = options.signal ? signalNumber(options.signal) : undefined;
  await container.exclusive(async () => {
    const { record, live } = container;
    if (isRunning(record)) {
      live.keep = true;
      try {
        await stop(deps, container, { ...options, signal });
      } finally {
        live.keep = false;
      }
    }
    record.stoppedByUser = false;
    record.restartCount = 0;
    live.backoff = 0;
    await run(deps, container);
    publish(deps.events, record, "restart");
  });
}
