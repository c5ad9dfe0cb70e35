/** docker diff: what a container's own layer changes in its image. */
import type { LayerEntry } from "./ports.ts";
import { type FileDeps, layerOf } from "./reach.ts";

export const CHANGE_KIND = { modified: 0, added: 1, deleted: 2 } as const;
export type Change = { Path: string; Kind: (typeof CHANGE_KIND)[keyof typeof CHANGE_KIND] };

/** What every container gets made if its image does not have it, for the engine's own mounts; docker keeps them in a layer apart. */
const MOUNT_POINTS = new Set([
  ...["dev", "dev/console", "dev/mqueue", "dev/pts", "dev/shm", "proc", "sys", "sys/fs", "sys/fs/cgroup"],
  ...["etc/hostname", "etc/hosts", "etc/resolv.conf"],
]);

/** In docker's order: as a walk with sorted names meets them. */
export async function containerChanges(deps: FileDeps, ref: string): Promise<Change[]> {
  const { record } = deps.store.find(ref);
  return changesOf(await ownEntries(deps, { id: record.id, layer: await layerOf(deps, record) }));
}

/** Entries of the layer that are not there for the engine's own mounts, sorted. */
export async function ownEntries(
  deps: Pick<FileDeps, "host">,
  container: Parameters<FileDeps["host"]["layerEntries"]>[0],
): Promise<LayerEntry[]> {
  const all: LayerEntry[] = [];
  for await (const entry of deps.host.layerEntries(container)) all.push(entry);
  all.sort((a, b) => compare(sortKey(a.path), sortKey(b.path)));
  const theirs = all.filter(({ path }) => !MOUNT_POINTS.has(path));
  const touched = new Set(all.filter(({ path }) => MOUNT_POINTS.has(path)).map(({ path }) => parentOf(path)));
  const used = new Set(theirs.map(({ path }) => parentOf(path)));
  // A directory is here only because a mount point was made in it.
  return theirs.filter((entry) => !touched.has(entry.path) || used.has(entry.path) || isChanged(entry));
}

/** Pure: docker's rules (pkg/archive: OverlayChanges). */
export function changesOf(entries: LayerEntry[]): Change[] {
  const changes: Change[] = [];
  const told = new Set<string>();
  for (const entry of entries) {
    const isDirectory = entry.kind === "dir";
    if (isDirectory && entry.before?.isDirectory && !isChanged(entry) && sameTime(entry)) continue;
    const kind = isWhiteout(entry) ? "deleted" : entry.before ? "modified" : "added";
    if (isDirectory) told.add(entry.path);
    const parent = parentOf(entry.path);
    if (kind !== "modified" && parent !== "" && !told.has(parent)) {
      changes.push(change(parent, "modified"));
      told.add(parent);
    }
    changes.push(change(entry.path, kind));
  }
  return changes;
}

function change(path: string, kind: keyof typeof CHANGE_KIND): Change {
  return { Path: `/${Buffer.from(path, "latin1").toString()}`, Kind: CHANGE_KIND[kind] };
}

function isWhiteout({ kind, major, minor }: LayerEntry): boolean {
  return kind === "char" && major === 0 && minor === 0;
}

function isChanged({ mode, uid, gid, before }: LayerEntry): boolean {
  return before !== undefined && (mode !== before.mode || uid !== before.uid || gid !== before.gid);
}

function sameTime({ mtime, before }: LayerEntry): boolean {
  return mtime.seconds === before?.seconds;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** What is in a directory comes before its next sibling. */
const sortKey = (path: string) => path.replaceAll("/", "\0");
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
