/** docker diff: what a container's own layer changes in its image. */
import { isAltered } from "./altered.ts";
import { containerMountPoints, isOwnLink } from "./mount-points.ts";
import type { LayerEntry, LowerFacts } from "./ports.ts";
import { type FileDeps, layerOf } from "./reach.ts";

export const CHANGE_KIND = { modified: 0, added: 1, deleted: 2 } as const;
export type Change = { Path: string; Kind: (typeof CHANGE_KIND)[keyof typeof CHANGE_KIND] };

/** In the order of a walk with sorted names. */
export async function containerChanges(deps: FileDeps, ref: string): Promise<Change[]> {
  const { record } = deps.store.find(ref);
  const entries: Compared[] = [];
  for await (const entry of deps.host.layerEntries({ id: record.id, layer: await layerOf(deps, record) })) {
    if (containerMountPoints.has(entry.path) || isOwnLink(entry)) continue;
    const { before, hidden, ...facts } = entry;
    entries.push({ ...facts, before: await before() });
    // What was in a directory that has been made anew and is not in it again.
    for (const name of await hidden()) entries.push({ ...WHITEOUT, path: `${entry.path}/${name}` });
  }
  return changesOf(entries);
}

type Compared = Omit<LayerEntry, "before" | "hidden"> & { before: LowerFacts | undefined };

const NOTHING = { mode: 0, uid: 0, gid: 0, size: 0, mtime: { seconds: 0, nanoseconds: 0 }, before: undefined };
const WHITEOUT = { ...NOTHING, kind: "char", major: 0, minor: 0 } as const;

/** Pure: docker's rules (pkg/archive, ChangesDirs). A directory is modified too when something in it is. */
export function changesOf(entries: Compared[]): Change[] {
  const byPath = new Map<string, Compared>();
  // A name that is there wins over one that is hidden.
  for (const entry of entries) if (!isWhiteout(entry) || !byPath.has(entry.path)) byPath.set(entry.path, entry);
  const kinds = new Map<string, keyof typeof CHANGE_KIND>();
  for (const entry of byPath.values()) {
    const kind = kindOf(entry);
    if (kind === undefined) continue;
    kinds.set(entry.path, kind);
    for (let path = parentOf(entry.path); path !== "" && !kinds.has(path); path = parentOf(path)) {
      kinds.set(path, "modified");
    }
  }
  return [...kinds]
    .sort(([a], [b]) => compare(sortKey(a), sortKey(b)))
    .map(([path, kind]) => ({
      Path: `/${Buffer.from(path, "latin1").toString()}`,
      Kind: CHANGE_KIND[kind],
    }));
}

function kindOf(entry: Compared): keyof typeof CHANGE_KIND | undefined {
  if (isWhiteout(entry)) return "deleted";
  if (!entry.before) return "added";
  return isAltered(entry, entry.before) ? "modified" : undefined;
}

function isWhiteout({ kind, major, minor }: Compared): boolean {
  return kind === "char" && major === 0 && minor === 0;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** What is in a directory comes before its next sibling. */
const sortKey = (path: string) => path.replaceAll("/", "\0");
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
