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

/** What is in the layer for the engine's sake beside the mount points: its link, and those of the parents that hold nothing else. */
export async function notOfTheUser(host: Pick<FileHost, "layerEntries">, own: OwnLayer): Promise<ReadonlySet<string>> {
  const links = new Set<string>();
  const unused = new Set<string>();
  const used = new Set<string>();
  const holding = new Set<string>();
  for await (const entry of host.layerEntries(own)) {
    const parent = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf("/")));
    if (isOwnLink(entry)) links.add(entry.path);
    const ours = containerMountPoints.has(entry.path) || isOwnLink(entry);
    if (PARENTS.includes(parent)) (ours ? holding : used).add(parent);
    if (!PARENTS.includes(entry.path) || entry.kind !== "dir") continue;
    const before = await entry.before();
    if (!before || !isAltered(entry, before)) unused.add(entry.path);
  }
  for (const path of unused) if (used.has(path) || !holding.has(path)) unused.delete(path);
  return new Set([...unused, ...links]);
}
