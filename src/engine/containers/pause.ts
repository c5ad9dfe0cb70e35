/** Pause and go on: the cgroup freezer. */
import { conflict } from "../errors.ts";
import type { Deps } from "./deps.ts";
import { isRunning } from "./live.ts";
import { publish } from "./publish.ts";
import { saveOrRetry } from "./save.ts";

type PauseDeps = Pick<Deps, "store" | "cgroups" | "events" | "clock" | "log">;

/** Throws conflict if it does not run, or is paused or restarting. */
export async function pauseContainer(deps: PauseDeps, ref: string): Promise<void> {
  const container = deps.store.find(ref);
  const { record } = container;
  await container.exclusive(async () => {
    const { state, id } = record;
    if (!isRunning(record)) throw conflict(`container ${id} is not running`);
    if (state.status === "paused") throw conflict(`container ${id} is already paused`);
    if (state.status === "restarting") {
      throw conflict(`Container ${id} is restarting, wait until the container is running`);
    }
    await deps.cgroups.freeze(record.cgroupPath);
    // It may have ended under our hands.
    if (record.state !== state) return;
    state.status = "paused";
    saveOrRetry(deps, container);
    publish(deps.events, record, "pause");
  });
}

/** Throws conflict if it is not paused. */
export async function unpauseContainer(deps: PauseDeps, ref: string): Promise<void> {
  const container = deps.store.find(ref);
  const { record } = container;
  await container.exclusive(async () => {
    const { state } = record;
    if (state.status !== "paused") throw conflict(`container ${record.id} is not paused`);
    await deps.cgroups.thaw(record.cgroupPath);
    if (record.state !== state) return;
    state.status = "running";
    saveOrRetry(deps, container);
    publish(deps.events, record, "unpause");
  });
}
