/** RUN --mount=type=cache: a volume that outlives the build, and whose turn it is to have it. */
import { createHash } from "node:crypto";
import { EngineError } from "../errors.ts";
import type { Build, BuildDeps } from "./build.ts";
import { orCancelled } from "./cancel.ts";
import type { CacheMount } from "./run-mounts.ts";

/** On the volumes, with the id of the cache. */
export const CACHE_LABEL = "cloche.build.cache";

/** The same id is the same cache, in whichever Dockerfile. */
export function cacheName({ id }: Pick<CacheMount, "id">): string {
  return `build-cache-${createHash("sha256").update(id).digest("hex").slice(0, 32)}`;
}

export function cacheLabels({ id }: Pick<CacheMount, "id">): Record<string, string> {
  return { [CACHE_LABEL]: id };
}

/** One that is there already stays as it is. @returns the volume's name */
export async function makeCache({ volumes }: Pick<BuildDeps, "volumes">, mount: CacheMount): Promise<string> {
  const Name = cacheName(mount);
  const { uid, gid, mode } = mount;
  await volumes.create({
    ...{ Name, Driver: "local", DriverOpts: null, Labels: cacheLabels(mount) },
    facts: { uid, gid, mode },
  });
  return Name;
}

/**
 * Wait until nobody else who wants it so has one of these caches. A private one is waited for as well, where BuildKit would
 * make another: nobody writes to it at the same time, and none is left over.
 * @returns how to let go of them
 */
export async function takeCaches(build: Build, mounts: CacheMount[]): Promise<() => void> {
  const names = mounts.filter(({ sharing }) => sharing !== "shared").map(cacheName);
  const taken: (() => void)[] = [];
  const release = () => {
    for (const end of taken.splice(0)) end();
  };
  try {
    // In one order for all: two that wait for each other would wait for ever.
    for (const name of [...new Set(names)].sort()) taken.push(await turnOf(build, name));
    return release;
  } catch (error) {
    release();
    throw error;
  }
}

async function turnOf({ deps, signal }: Build, name: string): Promise<() => void> {
  const begun = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  void deps.turns(name, () => {
    begun.resolve();
    return over.promise;
  });
  try {
    await orCancelled(signal, begun.promise);
    return () => over.resolve();
  } catch (error) {
    over.resolve();
    throw error;
  }
}

/** @property size bytes. @property createdAt seconds since 1970 */
export type BuildCache = { name: string; id: string; size: number; inUse: boolean; createdAt: number };

/** The caches that there are. */
export async function listCaches({ volumes }: Pick<BuildDeps, "volumes">): Promise<BuildCache[]> {
  return (await volumes.usage()).flatMap(({ Name: name, Labels: labels, UsageData: usage, CreatedAt }) => {
    const id = labels?.[CACHE_LABEL];
    if (id === undefined || name !== cacheName({ id })) return [];
    const createdAt = Math.floor(Date.parse(CreatedAt ?? "") / 1000) || 0;
    return [{ name, id, size: Math.max(usage?.Size ?? 0, 0), inUse: (usage?.RefCount ?? 0) > 0, createdAt }];
  });
}

/** Those that no step has now go. @returns them */
export async function pruneCaches(deps: Pick<BuildDeps, "volumes">): Promise<BuildCache[]> {
  const gone: BuildCache[] = [];
  for (const cache of await listCaches(deps)) {
    try {
      await deps.volumes.remove(cache.name);
      gone.push(cache);
    } catch (error) {
      // A step has taken it since, or somebody else has removed it.
      if (!(error instanceof EngineError && (error.kind === "conflict" || error.kind === "not-found"))) throw error;
    }
  }
  return gone;
}
