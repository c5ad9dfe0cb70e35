/** All mounts that a container asks for, in docker's order of precedence. */
import type { ContainerConfig, HostConfig } from "../../wire/container.ts";
import { invalid } from "../errors.ts";
import type { ContainerRecord } from "./container.ts";
import type { Deps } from "./deps.ts";
import { findOther } from "./find-other.ts";
import { imageVolume, parseBind, parseMount, parseTmpfs, validMode, type WantedMount } from "./mount-texts.ts";

/**
 * Those of --volumes-from, then -v, then --mount and --tmpfs; last the volumes of image and user for targets still free.
 * Nothing is made yet. Throws invalid.
 */
export function wantedMounts(
  deps: Pick<Deps, "store" | "paths">,
  host: HostConfig,
  config: Pick<ContainerConfig, "Volumes">,
): WantedMount[] {
  const byTarget = new Map<string, WantedMount>();
  for (const text of host.VolumesFrom ?? []) {
    for (const mount of mountsOfOther(deps, text)) byTarget.set(mount.point.Destination, mount);
  }
  const asked = new Set<string>();
  const exists = (path: string) => deps.paths.kind(path) !== undefined;
  for (const mount of [
    ...(host.Binds ?? []).map((text) => parseBind(text, host.VolumeDriver)),
    ...(host.Mounts ?? []).map((mount) => parseMount(mount, exists)),
    ...parseTmpfs(host.Tmpfs),
  ]) {
    const target = mount.point.Destination;
    if (asked.has(target)) throw invalid(`Duplicate mount point: ${target}`);
    asked.add(target);
    byTarget.set(target, mount);
  }
  for (const target of Object.keys(config.Volumes ?? {})) {
    // Never read as a "-v" text: the image's author has no say in which directory of the host is bound.
    const mount = imageVolume(target, host.VolumeDriver);
    if (!byTarget.has(mount.point.Destination)) byTarget.set(mount.point.Destination, mount);
  }
  return [...byTarget.values()];
}

function mountsOfOther({ store }: Pick<Deps, "store">, text: string): WantedMount[] {
  if (text === "") throw invalid("volumes-from specification cannot be an empty string");
  const [ref = "", mode = ""] = text.split(":");
  if (!validMode(mode) || /private|slave|shared|nocopy/.test(mode)) throw invalid(`invalid mode: ${mode}`);
  const { record } = findOther(store, ref);
  return record.mounts
    .filter((mount) => mount.Type === "bind" || mount.Type === "volume")
    .map((mount) => ({
      point: { ...mount, RW: mount.RW && !mode.split(",").includes("ro") },
      // Its volume has a name by now, whoever gave it.
      detail: { ...detailOf(record, mount.Destination), anonymous: false, noCopy: true },
    }));
}

export function detailOf(record: Pick<ContainerRecord, "mountDetails">, target: string): WantedMount["detail"] {
  return record.mountDetails?.[target] ?? {};
}
