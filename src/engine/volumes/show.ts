/** Volumes as clients see them: list, inspect, df. */
import { type Filters, matchesLabels } from "../../wire/filters.ts";
import type { VolumeShown } from "../../wire/volume.ts";
import { invalid } from "../errors.ts";
import { usersOf, type VolumeState } from "./state.ts";
import type { VolumeRecord } from "./volume.ts";

export const VOLUME_FILTERS = ["dangling", "driver", "label", "name"] as const;

export function showVolume(state: Pick<VolumeState, "host">, record: VolumeRecord): VolumeShown {
  return {
    CreatedAt: record.createdAt,
    Driver: "local",
    Labels: record.labels,
    Mountpoint: state.host.directory(record.name),
    Name: record.name,
    Options: record.options,
    Scope: "local",
  };
}

/** By name. @throws EngineError invalid for a dangling that is neither true nor false */
export function listVolumes(state: VolumeState, filters: Filters): VolumeShown[] {
  const dangling = danglingWanted(filters);
  const any = (name: string, test: (value: string) => boolean) => !filters.has(name) || filters.values(name).some(test);
  return [...state.volumes.values()]
    .filter(
      (record) =>
        any("name", (name) => record.name.includes(name)) &&
        any("driver", (driver) => driver === "local") &&
        matchesLabels(record.labels ?? {}, filters.values("label")) &&
        (dangling === undefined || dangling === (usersOf(state, record.name).length === 0)),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((record) => showVolume(state, record));
}

/** All volumes with their sizes and numbers of containers, for /system/df. */
export async function volumeUsage(state: VolumeState): Promise<VolumeShown[]> {
  const shown: VolumeShown[] = [];
  for (const record of state.volumes.values()) {
    const Size = record.options ? -1 : await state.host.size(record.name);
    shown.push({ ...showVolume(state, record), UsageData: { RefCount: usersOf(state, record.name).length, Size } });
  }
  return shown;
}

function danglingWanted(filters: Filters): boolean | undefined {
  if (!filters.has("dangling")) return undefined;
  const values = filters.values("dangling");
  const [only = ""] = values;
  if (values.length !== 1 || !["1", "true", "0", "false"].includes(only))
    throw invalid(`invalid filter 'dangling=[${values.join(" ")}]'`);
  return only === "1" || only === "true";
}
