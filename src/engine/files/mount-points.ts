/**
 * What every container gets made in its own layer, if its image does not have it, as places for the engine's own mounts.
 * Docker keeps them in a layer apart: they are no change and no part of a commit.
 */
import type { ContainerLayer } from "../ports.ts";
import { isAltered } from "./altered.ts";
import type { FileHost, LayerEntry } from "./ports.ts";

export type OwnLayer = { id: string; layer: ContainerLayer };

export const containerMountPoints: ReadonlySet<string> = new Set([
  ...["dev", "dev/console", "dev/mqueue", "dev/pts", "dev/shm", "proc", "sys", "sys/fs", "sys/fs/cgroup"],
  ...["etc/hostname", "etc/hosts", "etc/resolv.conf"],
]);

/** The link /etc/mtab to /proc/mounts, as the engine makes it: one that leads elsewhere is as good as never so long. */
export function isOwnLink({ path, kind, size }: Pick<LayerEntry, "path" | "kind" | "size">): boolean {
  return path === "etc/mtab" && kind === "symlink" && size === "/proc/mounts".length;
}

/** Directories that hold some of them, but are none themselves. */
const PARENTS = ["etc"];

/**
 * What is in the layer for the engine's sake beside the mount points: its link, and directories that hold nothing else.
 * @param made paths that were not there before and have been made for more mounts; what has come to hold something stays
 */
export async function notOfTheUser(
  host: Pick<FileHost, "layerEntries">,
  own: OwnLayer,
  made: ReadonlySet<string> = new Set(),
): Promise<ReadonlySet<string>> {
  const holders = new Set([...PARENTS, ...[...made].flatMap(selfAndAbove)]);
  const held = new Map<string, string[]>();
  const left = new Set<string>();
  const perhaps = new Set<string>();
  for await (const entry of host.layerEntries(own)) {
    const { path, kind, size } = entry;
    const parent = parentOf(path);
    if (isOwnLink(entry)) left.add(path);
    if (holders.has(parent)) {
      const names = held.get(parent);
      if (names) names.push(path);
      else held.set(parent, [path]);
    }
    if (made.has(path)) {
      if (kind === "dir" || (kind === "file" && size === 0)) perhaps.add(path);
    } else if (holders.has(path) && kind === "dir") {
      const before = await entry.before();
      if (!before || !isAltered(entry, before)) perhaps.add(path);
    }
  }
  // What a directory holds before itself.
  for (const path of [...perhaps].sort((a, b) => b.length - a.length)) {
    const names = held.get(path) ?? [];
    const onlyOurs = names.every((name) => containerMountPoints.has(name) || left.has(name));
    if (onlyOurs && (names.length > 0 || made.has(path))) left.add(path);
  }
  return left;
}

const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf("/")));

function selfAndAbove(path: string): string[] {
  return path === "" ? [] : [path, ...selfAndAbove(parentOf(path))];
}
