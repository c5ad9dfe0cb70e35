/**
 * What the layers below a container's own have at a path. Images' layers do not change, so they are looked at by path,
 * directory by directory, and never through a link.
 */
import type { Stats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import type { FileKind, LowerFacts } from "../../engine/files/ports.ts";
import { isErrno } from "../../lib/errno.ts";

/** @property opaque its directories that hide what lies below; "" is the root */
export type LowerLayer = { directory: string; opaque: ReadonlySet<string> };

/** Paths and names are byte strings (latin1), relative to the root. */
export type LowerView = {
  facts(path: string): Promise<LowerFacts | undefined>;
  /** Names in a directory; [] if it is none. */
  names(path: string): Promise<string[]>;
};

type Place = { layer: LowerLayer; path: Buffer };

/** @param layers top first */
export function lowerView(layers: LowerLayer[]): LowerView {
  const known = new Map<string, Promise<Place[]>>();

  /** Where a directory of the merged view is, top first. */
  function placesOf(path: string): Promise<Place[]> {
    const found = known.get(path) ?? findPlaces(path);
    known.set(path, found);
    return found;
  }

  async function findPlaces(path: string): Promise<Place[]> {
    if (path === "") return layers.map((layer) => ({ layer, path: Buffer.from(layer.directory) }));
    const places: Place[] = [];
    for (const place of await candidates(path)) {
      if (!place.stats.isDirectory()) break;
      places.push(place);
      if (place.layer.opaque.has(Buffer.from(path, "latin1").toString())) break;
    }
    return places;
  }

  async function candidates(path: string): Promise<(Place & { stats: Stats })[]> {
    const slash = path.lastIndexOf("/");
    const name = Buffer.from(`/${path.slice(slash + 1)}`, "latin1");
    const all = (await placesOf(slash < 0 ? "" : path.slice(0, slash))).map(async ({ layer, path: parent }) => {
      const here = Buffer.concat([parent, name]);
      const stats = await statOf(here);
      return stats ? [{ layer, path: here, stats }] : [];
    });
    return (await Promise.all(all)).flat();
  }

  async function facts(path: string): Promise<LowerFacts | undefined> {
    const [top] = await candidates(path);
    return top === undefined || isWhiteout(top.stats) ? undefined : factsOf(top.stats);
  }

  return {
    facts,
    async names(path) {
      const names = new Set<string>();
      for (const place of await placesOf(path)) {
        for (const name of await readdir(place.path, "latin1")) names.add(name);
      }
      const there = await Promise.all([...names].map(async (name) => ((await facts(`${path}/${name}`)) ? [name] : [])));
      return there.flat();
    },
  };
}

async function statOf(path: Buffer): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0;
}

function factsOf(stats: Stats): LowerFacts {
  const { mode, uid, gid, size, mtimeMs } = stats;
  return { kind: kindOf(stats), mode: mode & 0o7777, uid, gid, size, seconds: Math.floor(mtimeMs / 1000) };
}

function kindOf(stats: Stats): FileKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "dir";
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isCharacterDevice()) return "char";
  if (stats.isBlockDevice()) return "block";
  return stats.isFIFO() ? "fifo" : "socket";
}
