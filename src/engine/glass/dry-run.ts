/** What would run: create's checks and start's plan, on stores that forget everything. */
import type { Plan } from "../../isolation/plan.ts";
import { undoStack } from "../../lib/undo.ts";
import type { CreateRequest } from "../../wire/decode-container.ts";
import type { VolumeShown } from "../../wire/volume.ts";
import { createContainer } from "../containers/create.ts";
import type { Deps } from "../containers/deps.ts";
import { leaveOut } from "../containers/lab.ts";
import { type LiveContainer, liveContainer } from "../containers/live.ts";
import { networkRequest } from "../containers/network-request.ts";
import type { Containers } from "../containers/store.ts";
import { toIsolationSpec } from "../containers/to-isolation-spec.ts";
import { internal } from "../errors.ts";

export type DryRunDeps = Deps & {
  /** A volume that is there already. */
  knownVolume(name: string): Pick<VolumeShown, "Name" | "Mountpoint" | "Driver"> | undefined;
};

/**
 * Nothing is started and nothing stays: the writable layer is made to read the image's /etc/passwd through it and removed,
 * addresses and ports are taken and given back; volumes and host directories that a start would make are not made.
 * Throws what create and start would throw.
 */
export async function dryRun(
  deps: DryRunDeps,
  request: CreateRequest & { name: string; platform?: string | undefined },
): Promise<{ plan: Plan; name: string; cgroupPath: string }> {
  await using undo = undoStack((error) => deps.log("undo of a dry run", { error }));
  const { store, taken } = forgetfulStore(deps.store);
  const dry: Deps = {
    ...deps,
    store,
    events: { ...deps.events, publish: () => {} },
    volumes: forgetfulVolumes(deps),
    paths: { ...deps.paths, kind: (path) => deps.paths.kind(path) ?? "dir", makeDirectory: () => {} },
  };
  const { Id: id } = await createContainer(dry, request);
  const container = taken();
  undo.add(() => deps.store.releaseName(container.record.name));
  undo.add(() => deps.files.remove(id));
  undo.add(() => deps.layers.removeContainerLayer(id));
  const { layer } = container.record;
  if (layer === undefined) throw internal("a container without a layer");
  undo.add(() => deps.connector.release(id));
  const { spec: network } = await deps.connector.prepare(networkRequest(container.record));
  const whole = await toIsolationSpec(dry, { container, layer, network });
  const spec = leaveOut(whole, container.record.hostConfig, deps.settings.lab ?? false);
  return { plan: deps.compile(spec), name: container.record.name, cgroupPath: container.record.cgroupPath };
}

/** Others' containers are found in it, its own is kept nowhere. */
function forgetfulStore(real: Containers): { store: Containers; taken(): LiveContainer } {
  let made: LiveContainer | undefined;
  const streams = { wanted: false, bind() {}, abandon() {} };
  const store: Containers = {
    ...real,
    add(record) {
      made = liveContainer(record, streams);
      return made;
    },
    save() {},
    delete() {},
  };
  const taken = () => {
    if (made === undefined) throw internal("create made no container");
    return made;
  };
  return { store, taken };
}

/** A volume that is there is shown; one that would be made has a name and a place that is none yet. */
function forgetfulVolumes(deps: Pick<DryRunDeps, "volumes" | "newId" | "knownVolume">): Deps["volumes"] {
  return {
    ...deps.volumes,
    acquire: async (asked, _containerId, options) => {
      const name = asked || deps.newId();
      const known = asked === "" ? undefined : deps.knownVolume(asked);
      return {
        name,
        mountpoint: known?.Mountpoint ?? `/volumes/${name}/_data`,
        driver: known?.Driver ?? (options?.driver || "local"),
        created: known === undefined,
      };
    },
    populate: async () => {},
    release: async () => {},
  };
}
