/** The engine's volumes: what the API, containers and the composition root ask of them. */
import type { Filters } from "../../wire/filters.ts";
import type { VolumeCreate, VolumeShown, VolumesPruned } from "../../wire/volume.ts";
import type { ContainerLayer, Volumes } from "../ports.ts";
import { createVolume } from "./create.ts";
import { pruneVolumes, removeVolume } from "./remove.ts";
import { listVolumes, showVolume, volumeUsage } from "./show.ts";
import { exclusiveByName, findVolume, usersOf, type VolumeDeps, type VolumeState } from "./state.ts";
import { ANONYMOUS_LABEL, type DirectoryFacts, isAnonymous } from "./volume.ts";

export interface VolumeApi {
  list(filters: Filters): VolumeShown[];
  inspect(name: string): VolumeShown;
  create(request: VolumeCreate & { facts?: DirectoryFacts }): Promise<VolumeShown>;
  remove(name: string): Promise<void>;
  prune(filters: Filters): Promise<VolumesPruned>;
  /** For /system/df. */
  usage(): Promise<VolumeShown[]>;
}

/**
 * Load the volumes and who uses them; mount again what options say, if containers use it (after a reboot).
 * Directories without a record (a lost database) become plain volumes, so that their data can be had.
 */
export async function createVolumes(deps: VolumeDeps): Promise<Volumes & VolumeApi> {
  const state: VolumeState = { ...deps, volumes: new Map(), users: new Map(), exclusive: exclusiveByName() };
  await load(state);
  return {
    list: (filters) => listVolumes(state, filters),
    inspect: (name) => showVolume(state, findVolume(state, name)),
    create: async (request) => showVolume(state, (await createVolume(state, request)).record),
    remove: (name) => removeVolume(state, name),
    prune: (filters) => pruneVolumes(state, filters),
    usage: () => volumeUsage(state),
    acquire: (name, containerId, options) => acquire(state, { name, containerId, options: options ?? {} }),
    populate: (name, layer, mountpoint, path) => populate(state, { name, layer, mountpoint, path }),
    release: (containerId, removeAnonymous) => release(state, containerId, removeAnonymous),
    started: (containerId, uses) => {
      for (const { name, destination, readonly } of uses) {
        const attributes = {
          container: containerId,
          destination,
          driver: "local",
          propagation: "",
          "read/write": String(!readonly),
        };
        state.events.publish({ Type: "volume", Action: "mount", Actor: { ID: name, Attributes: attributes } });
      }
    },
    stopped: (containerId, names) => {
      for (const name of names) {
        const attributes = { container: containerId, driver: "local" };
        state.events.publish({ Type: "volume", Action: "unmount", Actor: { ID: name, Attributes: attributes } });
      }
    },
  };
}

async function load(state: VolumeState): Promise<void> {
  const directories = new Set(await state.host.names());
  const known = new Set(
    state.store.all().flatMap(({ record }) => [record.id, ...record.mounts.map(({ Name }) => Name)]),
  );
  for (const record of state.table.all()) {
    if (record.madeFor !== undefined && !known.has(record.madeFor) && !known.has(record.name)) {
      await state.host.remove(record.name);
      state.table.remove(record.name);
      directories.delete(record.name);
      continue;
    }
    state.volumes.set(record.name, record);
    if (!directories.delete(record.name)) await state.host.make(record.name);
  }
  for (const name of directories) {
    state.volumes.set(name, { name, createdAt: `${state.clock.now().slice(0, 19)}Z`, labels: null, options: null });
  }
  for (const { record } of state.store.all()) {
    for (const mount of record.mounts) if (mount.Type === "volume" && mount.Name) use(state, mount.Name, record.id);
  }
  for (const { name, options } of state.volumes.values()) {
    if (options === null || usersOf(state, name).length === 0) continue;
    await state.host.mount(name, options).catch((error: Error) => state.log(`volume ${name}: ${error.message}`));
  }
}

type AcquireRequest = {
  name: string;
  containerId: string;
  options: NonNullable<Parameters<Volumes["acquire"]>[2]>;
};

async function acquire(
  state: VolumeState,
  { name, containerId, options }: AcquireRequest,
): Promise<Awaited<ReturnType<Volumes["acquire"]>>> {
  const labels = options.anonymous ? { ...options.labels, [ANONYMOUS_LABEL]: "" } : (options.labels ?? null);
  const existing = state.volumes.get(name);
  const { record, created } = existing
    ? { record: existing, created: false }
    : await createVolume(state, {
        Name: name,
        Driver: options.driver || "local",
        DriverOpts: options.driverOpts && Object.keys(options.driverOpts).length > 0 ? options.driverOpts : null,
        Labels: labels && Object.keys(labels).length > 0 ? labels : null,
        ...(name === "" && { madeFor: containerId }),
      });
  await state.exclusive(record.name, async () => {
    findVolume(state, record.name);
    if (record.options) await state.host.mount(record.name, record.options);
    use(state, record.name, containerId);
  });
  return { name: record.name, mountpoint: state.host.directory(record.name), created, driver: "local" };
}

type PopulateRequest = { name: string; layer: ContainerLayer; mountpoint: string; path: string };

/** Only an empty volume is filled: two containers that start at once do not fill it twice. */
async function populate(state: VolumeState, { name, layer, mountpoint, path }: PopulateRequest): Promise<void> {
  await state.exclusive(name, async () => {
    if (await state.host.isEmpty(name)) await state.host.copyUp(name, layer, mountpoint, path);
  });
}

async function release(state: VolumeState, containerId: string, removeAnonymous: boolean): Promise<void> {
  const released = [...state.users].filter(([, users]) => users.delete(containerId)).map(([name]) => name);
  for (const name of released) {
    const unused = usersOf(state, name).length === 0;
    const record = state.volumes.get(name);
    if (record?.madeFor === containerId && !(unused && removeAnonymous)) {
      delete record.madeFor;
      state.table.put(name, record);
    }
    if (!unused) continue;
    state.users.delete(name);
    if (record === undefined) continue;
    if (removeAnonymous && isAnonymous(record)) await removeVolume(state, name);
    else if (record.options)
      await state.host.unmount(name).catch((error: Error) => state.log(`volume ${name}: ${error.message}`));
  }
}

function use(state: VolumeState, name: string, containerId: string): void {
  const users = state.users.get(name) ?? new Set();
  state.users.set(name, users.add(containerId));
}
