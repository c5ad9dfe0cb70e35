/** Remove all containers that do not run. */
import { type Filters, matchesLabels } from "../../wire/filters.ts";
import { EngineError } from "../errors.ts";
import type { Deps } from "./deps.ts";
import { isRunning, type LiveContainer } from "./live.ts";
import { removeContainer } from "./remove.ts";
import { untilTime } from "./until-time.ts";

export const PRUNE_FILTERS = ["label", "label!", "until"];

/** @returns what docker answers; one that cannot be removed is passed over */
export async function pruneContainers(
  deps: Parameters<typeof removeContainer>[0] & Pick<Deps, "log" | "clock">,
  filters: Filters,
): Promise<{ ContainersDeleted: string[]; SpaceReclaimed: number }> {
  const matches = pruneFilter(filters, deps.clock.now());
  const deleted: string[] = [];
  let reclaimed = 0;
  for (const container of deps.store.all()) {
    if (isRunning(container.record) || container.live.removing || !matches(container)) continue;
    try {
      const size = await deps.layers.containerLayerSize(container.record.id);
      await removeContainer(deps, container, { force: false, volumes: false });
      reclaimed += size;
      deleted.push(container.record.id);
    } catch (error) {
      // It was started or removed by somebody else meanwhile.
      if (!(error instanceof EngineError)) throw error;
      deps.log("prune", { container: container.record.id, error });
    }
  }
  deps.events.publish({
    Type: "container",
    Action: "prune",
    Actor: { ID: "", Attributes: { reclaimed: String(reclaimed) } },
  });
  return { ContainersDeleted: deleted, SpaceReclaimed: reclaimed };
}

function pruneFilter(filters: Filters, now: string): (container: LiveContainer) => boolean {
  const [until] = filters.values("until");
  const before = until === undefined ? undefined : untilTime(until, now);
  const unwanted = filters.values("label!");
  return ({ record }) =>
    (before === undefined || Date.parse(record.created) < before) &&
    matchesLabels(record.config.Labels, filters.values("label")) &&
    (unwanted.length === 0 || !matchesLabels(record.config.Labels, unwanted));
}
