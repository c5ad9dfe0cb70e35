/** Writing down what has happened already: a full disk can neither undo it nor keep the engine from going on. */
import type { Deps } from "./deps.ts";
import type { LiveContainer } from "./live.ts";

/** Milliseconds between two tries. */
const RETRY = 1000;

/**
 * Save the record; if that fails, try again until it is written or the container is gone.
 * @returns undefined when it is written, else a promise of it
 */
export function saveOrRetry(
  deps: Pick<Deps, "store" | "clock" | "log">,
  container: LiveContainer,
): Promise<void> | undefined {
  try {
    deps.store.save(container);
    return undefined;
  } catch (error) {
    deps.log("save state", { container: container.record.id, error });
    return retry(deps, container);
  }
}

async function retry({ store, clock }: Pick<Deps, "store" | "clock">, container: LiveContainer): Promise<void> {
  for (;;) {
    await clock.delay(RETRY);
    if (store.get(container.record.id) !== container) return;
    try {
      return store.save(container);
    } catch {
      // told once
    }
  }
}
