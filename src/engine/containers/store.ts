/** All containers of the engine: by id, by name, by prefix; names are unique from the moment they are asked for. */
import { conflict, invalid, notFound } from "../errors.ts";
import type { ContainerRecord, ContainerStore, ContainerStreams } from "./container.ts";
import { createDeparted, type Departed } from "./departed.ts";
import { exitOf, type LiveContainer, liveContainer } from "./live.ts";
import { checkName, inventName } from "./names.ts";
import type { Records } from "./records.ts";

/** The store as the verbs of this folder see it. */
export interface Containers extends ContainerStore {
  find(ref: string): LiveContainer;
  /** In order of creation. */
  all(): LiveContainer[];
  /** The container with exactly this id. */
  get(id: string): LiveContainer | undefined;
  /** Keep a name for an id; "" invents one. Throws invalid or conflict. @returns the name without slash */
  reserveName(name: string, id: string): string;
  releaseName(name: string): void;
  /** Its name is reserved, and it is not in the store yet. */
  isBeingMade(id: string): boolean;
  /** A new container, whose name was reserved. Persisted when the call returns. */
  add(record: ContainerRecord): LiveContainer;
  /** Forget a container and its name; of one that removes itself, how it ended is known for some time. */
  delete(container: LiveContainer): void;
  departed: Pick<Departed, "get">;
}

/** @param newStreams makes the output hub of one container */
export function createStore(deps: {
  records: Records;
  newStreams: (record: ContainerRecord) => ContainerStreams;
}): Containers {
  const byId = new Map<string, LiveContainer>();
  /** name -> id; also those of containers still being made */
  const names = new Map<string, string>();

  const departed = createDeparted();

  const adopt = (record: ContainerRecord) => {
    const container = liveContainer(record, deps.newStreams(record));
    byId.set(record.id, container);
    names.set(record.name, record.id);
    return container;
  };
  for (const record of deps.records.loadAll()) adopt(record);

  return {
    find(ref) {
      const name = ref.startsWith("/") ? ref.slice(1) : ref;
      // Docker's order. A name never hides a full id, and a prefix never hides a name.
      const exact = byId.get(ref) ?? byId.get(names.get(name) ?? "");
      if (exact) return exact;
      const candidates = isIdPrefix(ref) ? [...byId.values()].filter(({ record }) => record.id.startsWith(ref)) : [];
      if (candidates.length > 1) throw invalid(`multiple IDs found with provided prefix: ${ref}`);
      const [only] = candidates;
      if (!only) throw notFound(`No such container: ${ref}`);
      return only;
    },
    get: (id) => byId.get(id),
    all: () => [...byId.values()],
    save: ({ record }) => deps.records.save(record),
    reserveName(asked, id) {
      const name = asked === "" ? inventName((it) => names.has(it)) : checkName(asked);
      const owner = names.get(name);
      if (owner !== undefined) {
        throw conflict(
          `Conflict. The container name "/${name}" is already in use by container "${owner}". You have to remove (or rename) that container to be able to reuse that name.`,
        );
      }
      names.set(name, id);
      return name;
    },
    releaseName: (name) => void names.delete(name),
    isBeingMade: (id) => !byId.has(id) && [...names.values()].includes(id),
    add(record) {
      deps.records.save(record);
      return adopt(record);
    },
    departed,
    delete({ record }) {
      deps.records.delete(record.id);
      if (record.hostConfig.AutoRemove) departed.add(record.id, exitOf(record));
      byId.delete(record.id);
      if (names.get(record.name) === record.id) names.delete(record.name);
    },
  };
}

const isIdPrefix = (ref: string) => /^[0-9a-f]{1,64}$/.test(ref);
