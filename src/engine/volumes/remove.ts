/** DELETE /volumes/{name} and prune. */
import { type Filters, matchesLabels } from "../../wire/filters.ts";
import type { VolumesPruned } from "../../wire/volume.ts";
import { conflict, EngineError, invalid } from "../errors.ts";
import { findVolume, usersOf, type VolumeState } from "./state.ts";
import { isAnonymous } from "./volume.ts";

export const PRUNE_FILTERS = ["all", "label", "label!"] as const;

/** @throws EngineError not-found, or conflict "remove X: volume is in use - [ids]" */
export async function removeVolume(state: VolumeState, name: string): Promise<void> {
  findVolume(state, name);
  await state.exclusive(name, async () => {
    const record = findVolume(state, name);
    const users = usersOf(state, name);
    if (users.length > 0) throw conflict(`remove ${name}: volume is in use - [${users.join(", ")}]`);
    if (record.options) await state.host.unmount(name);
    await state.host.remove(name);
    state.table.remove(name);
    state.volumes.delete(name);
    state.events.publish({ Type: "volume", Action: "destroy", Actor: { ID: name, Attributes: { driver: "local" } } });
  });
}

/** Those that nobody uses; named ones only with the filter all; never those with options, which mean storage elsewhere. */
export async function pruneVolumes(state: VolumeState, filters: Filters): Promise<VolumesPruned> {
  const all = wantsAll(filters);
  const pruned: VolumesPruned = { VolumesDeleted: [], SpaceReclaimed: 0 };
  for (const record of [...state.volumes.values()]) {
    if (usersOf(state, record.name).length > 0 || record.options !== null || (!all && !isAnonymous(record))) continue;
    const labels = record.labels ?? {};
    if (!matchesLabels(labels, filters.values("label"))) continue;
    if (filters.has("label!") && matchesLabels(labels, filters.values("label!"))) continue;
    const size = await state.host.size(record.name);
    try {
      await removeVolume(state, record.name);
    } catch (error) {
      // Taken, or removed, since the look above.
      if (error instanceof EngineError && (error.kind === "conflict" || error.kind === "not-found")) continue;
      throw error;
    }
    pruned.VolumesDeleted.push(record.name);
    pruned.SpaceReclaimed += size;
  }
  state.events.publish({
    Type: "volume",
    Action: "prune",
    Actor: { ID: "", Attributes: { reclaimed: String(pruned.SpaceReclaimed) } },
  });
  return pruned;
}

function wantsAll(filters: Filters): boolean {
  if (!filters.has("all")) return false;
  const values = filters.values("all");
  const [only = ""] = values;
  if (values.length !== 1 || !["1", "true", "0", "false"].includes(only))
    throw invalid(`invalid filter 'all=[${values.join(" ")}]'`);
  return only === "1" || only === "true";
}
