/** The check of the house: everything on the host under this engine's names, with its owner; orphans removed if asked. */
import type { Deps } from "../containers/deps.ts";
import { hasProcess, type LiveContainer } from "../containers/live.ts";
import type { ImageRecords, LayerStore } from "../images/ports.ts";
import type { NetworkRecord } from "../networks/network.ts";
import type { Networks } from "../networks/networks.ts";
import { attribute, type Known } from "./attribute.ts";
import { repairOrphans } from "./repair.ts";
import type { CheckResult, Finding, Inventory, Owner } from "./things.ts";

export type CheckDeps = Deps & {
  inventory: Inventory;
  networks: Pick<Networks, "records" | "rewriteRules">;
  volumeNames: () => string[];
  storage: { records: Pick<ImageRecords, "all" | "references">; layerStore: Pick<LayerStore, "get" | "collect"> };
};

/** What comes and goes in the course of things has come or gone after this many milliseconds. */
const SETTLES = 1000;

/** @param options.repair remove the orphans; what is unknown is never touched */
export async function check(deps: CheckDeps, options: { repair: boolean }): Promise<CheckResult> {
  const findings = await findSettled(deps);
  if (!options.repair) return { Findings: findings, Repaired: [] };
  const repaired = await repairOrphans(deps, findings.filter(isOrphan));
  return { Findings: repaired.length > 0 ? await find(deps) : findings, Repaired: repaired };
}

/** Work may be under way while we look: an orphan is what has no owner at two looks. */
async function findSettled(deps: CheckDeps): Promise<Finding[]> {
  const first = await find(deps);
  const before = new Set(first.filter(isOrphan).map(keyOf));
  if (before.size === 0) return first;
  await deps.clock.delay(SETTLES);
  const second = await find(deps);
  return second.map((finding) =>
    isOrphan(finding) && !before.has(keyOf(finding)) ? { ...finding, State: "unknown" } : finding,
  );
}

const isOrphan = ({ State }: Finding) => State === "orphan";
const keyOf = ({ Kind, Name }: Finding) => `${Kind} ${Name}`;

async function find(deps: CheckDeps): Promise<Finding[]> {
  const things = await deps.inventory.look({
    cgroups: deps.store.all().map(({ record }) => record.cgroupPath),
    links: deps.networks.records().flatMap(linksOf),
  });
  // After the look: what has been made meanwhile has its owner by now.
  return attribute(things, known(deps));
}

function known(deps: CheckDeps): Known {
  const layers = new Map<string, Owner>();
  const blobs = new Map<string, Owner>();
  const own = (diffIds: string[], owner: Owner) => {
    for (const diffId of diffIds) {
      const layer = deps.storage.layerStore.get(diffId);
      if (!layer || layers.has(layer.directory)) continue;
      layers.set(layer.directory, owner);
      blobs.set(layer.blob.digest.replace("sha256:", ""), owner);
    }
  };
  for (const { id, config } of deps.storage.records.all()) {
    own(config.rootfs.diff_ids, { Type: "image", ID: id, Name: nameOf(deps, id) });
  }
  const all = deps.store.all();
  // The image may be gone while a container still lies on its layers.
  for (const { record } of all) own(record.diffIds, { Type: "container", ID: record.id, Name: record.name });
  return {
    containers: all.map(knownContainer),
    beingMade: deps.store.isBeingMade,
    volumes: new Set(deps.volumeNames()),
    networks: deps.networks.records().map((record) => ({ id: record.id, name: record.name, links: linksOf(record) })),
    layers,
    blobs,
  };
}

/** A parent that was there before is its owner's. */
function linksOf({ bridge, parent, madeParent }: NetworkRecord): string[] {
  return [bridge, madeParent ? parent : ""].flatMap((name) => name || []);
}

function knownContainer({ record, live }: LiveContainer) {
  return {
    id: record.id,
    name: record.name,
    running: hasProcess(record),
    changing: live.starting || live.ending !== undefined || live.removing,
    hostInterfaces: record.endpoints.map(({ hostInterface }) => hostInterface),
    ports: record.ports.map(({ proto, hostPort }) => ({ proto, port: hostPort })),
  };
}

function nameOf({ storage }: CheckDeps, id: string): string {
  for (const [name, image] of storage.records.references()) if (image === id) return name;
  return "";
}
