/** Remove orphans, each by the way in which its kind goes in ordinary life. */
import type { Deps } from "../containers/deps.ts";
import { hasProcess } from "../containers/live.ts";
import { clearRun } from "../containers/recover.ts";
import type { CheckDeps } from "./check.ts";
import type { CheckResult, Finding } from "./things.ts";

/** @returns one entry for each orphan; Error is "" for those that are gone */
export async function repairOrphans(deps: CheckDeps, orphans: Finding[]): Promise<CheckResult["Repaired"]> {
  const repaired: CheckResult["Repaired"] = [];
  /** What is left of them shows that the rest is ours too: it stays until all else is gone. */
  const stuck = new Set<string>();
  for (const { Kind, Name } of inOrder(orphans)) {
    const id = ID.exec(Name)?.[1]?.slice(0, 32) ?? "";
    try {
      if (Kind === "directory" && stuck.has(id))
        throw new Error("left: something else of the same container could not be removed");
      await repair(deps, Kind, Name);
      repaired.push({ Kind, Name, Error: "" });
    } catch (error) {
      stuck.add(id);
      repaired.push({ Kind, Name, Error: error instanceof Error ? error.message : String(error) });
    }
  }
  return repaired;
}

const ID = /\b([0-9a-f]{64}|[0-9a-f]{32})\b/;

/** Processes hold cgroups and mounts, mounts hold directories. */
const ORDER: Finding["Kind"][] = ["process", "cgroup", "interface", "firewall", "mount", "directory"];
const inOrder = (orphans: Finding[]) => ORDER.flatMap((kind) => orphans.filter(({ Kind }) => Kind === kind));

async function repair(deps: CheckDeps, kind: Finding["Kind"], name: string): Promise<void> {
  switch (kind) {
    case "process":
    case "cgroup":
      return endRun(deps, idIn(name));
    case "interface":
      return deps.inventory.removeInterface(name);
    case "firewall":
      return deps.networks.rewriteRules();
    case "mount":
      return deps.inventory.unmount(name);
    case "directory":
      return repairDirectory(deps, name);
    default:
      throw new TypeError(`unknown kind ${kind satisfies never}`);
  }
}

async function repairDirectory(deps: CheckDeps, name: string): Promise<void> {
  const id = /\/([0-9a-f]{32}|[0-9a-f]{64})$/.exec(name)?.[1];
  if (/\/(layers\/|content\/)/.test(name)) {
    // Never by hand: a pull that is under way holds layers that no image has yet.
    await deps.storage.layerStore.collect();
  } else if (id && deps.files.of(id).directory === name) {
    if (deps.store.get(id) || deps.store.isBeingMade(id)) return;
    await deps.layers.removeContainerLayer(id);
    await deps.files.remove(id);
  } else if (id) {
    await endRun(deps, id);
  } else throw new Error("left alone: remove it by hand");
}

/** What a run of a container has left. In the container's turn: nobody starts it meanwhile. */
async function endRun(deps: Deps, id: string): Promise<void> {
  const container = deps.store.all().find(({ record }) => record.id.startsWith(id));
  // A socket's name is the beginning of an id.
  const known = [...deps.files.runtimeIds(), ...deps.files.ids()];
  if (!container) return clearRun(deps, known.find((it) => it.startsWith(id)) ?? id);
  await container.exclusive(async () => {
    await container.live.ending;
    if (!hasProcess(container.record)) await clearRun(deps, container.record.id);
  });
}

function idIn(name: string): string {
  const id = ID.exec(name)?.[1];
  if (id === undefined) throw new Error("left alone: it does not say whose it is");
  return id;
}
