/** The directories of this engine: what lies where, and so whose it is. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Claim, Thing } from "../../engine/check/things.ts";
import { bytesOf } from "./bytes.ts";

type Place = { directory: string; claim: (name: string, path: string) => Claim };

/** Places whose entries have owners one by one. */
function places({ dataRoot, execRoot }: { dataRoot: string; execRoot: string }): Place[] {
  const byId = (type: "container" | "run") => (name: string) =>
    /^([0-9a-f]{32}|[0-9a-f]{64})$/.test(name) ? { type, id: name } : ({ type: "none" } as const);
  return [
    { directory: join(dataRoot, "containers"), claim: byId("container") },
    {
      directory: join(dataRoot, "volumes"),
      claim: (name) => (name.startsWith(".deleted-") ? { type: "engine" } : { type: "volume", name }),
    },
    {
      directory: join(dataRoot, "layers"),
      claim: (name, path) => (name === "empty" ? { type: "engine" } : { type: "layer", name: join(path, "diff") }),
    },
    { directory: join(dataRoot, "content", "sha256"), claim: (digest) => ({ type: "blob", digest }) },
    { directory: join(execRoot, "containers"), claim: byId("run") },
    { directory: join(execRoot, "s"), claim: byId("run") },
  ];
}

/** The engine's own, as a whole. */
const OF_THE_ENGINE =
  /^(state\.db|images\.db|networks-volumes\.db|engine\.lock)(-wal|-shm|-journal)?$|^(tmp|trash|root|engine-id|engine\.pid|content)$|\.(sock|pid|lock)$/;

export async function directoryThings(roots: { dataRoot: string; execRoot: string }): Promise<Thing[]> {
  const all = places(roots);
  const things: Promise<Thing>[] = [];
  for (const { directory, claim } of all) {
    for (const name of await namesIn(directory)) {
      const path = join(directory, name);
      things.push(thing(path, claim(name, path)));
    }
  }
  for (const root of new Set([roots.dataRoot, roots.execRoot])) {
    for (const name of await namesIn(root)) {
      const path = join(root, name);
      if (path === roots.execRoot || all.some(({ directory }) => directory === path)) continue;
      if (name === "content") continue;
      things.push(thing(path, OF_THE_ENGINE.test(name) ? { type: "engine" } : { type: "none" }));
    }
  }
  return Promise.all(things);
}

async function thing(path: string, claim: Claim): Promise<Thing> {
  return { kind: "directory", name: path, claim, ours: true, bytes: await bytesOf(path) };
}

async function namesIn(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(() => [])).sort();
}
