/** Containers, wired: the verbs with what they need, for routes and the composition root. */

import type { CreateRequest } from "../../wire/decode-container.ts";
import type { UpdateRequest } from "../../wire/decode-container-host.ts";
import type { Filters } from "../../wire/filters.ts";
import { createContainer } from "./create.ts";
import type { Deps } from "./deps.ts";
import { followNetworks } from "./follow-networks.ts";
import { inspectContainer } from "./inspect.ts";
import { killContainer } from "./kill.ts";
import { listContainers } from "./list.ts";
import { findsStopped, listMatcher } from "./list-filters.ts";
import { pauseContainer, unpauseContainer } from "./pause.ts";
import { pruneContainers } from "./prune.ts";
import { recoverContainers } from "./recover.ts";
import { type RemoveOptions, removeByRef } from "./remove.ts";
import { renameContainer } from "./rename.ts";
import { restartContainer } from "./restart.ts";
import { startContainer } from "./start.ts";
import { type StopOptions, stopContainer } from "./stop.ts";
import { updateContainer } from "./update.ts";
import { waitContainer } from "./wait.ts";

export type { ContainerFiles, Deps, HostDevices, HostPaths, Settings } from "./deps.ts";
export { LIST_FILTERS } from "./list-filters.ts";
export type { LiveContainer } from "./live.ts";
export { PRUNE_FILTERS } from "./prune.ts";
export { type Containers, createStore } from "./store.ts";

export type ContainerVerbs = ReturnType<typeof createContainers>;

/** @param runningExecs which of these exec ids run (inspect's ExecIDs) */
export function createContainers(deps: Deps, runningExecs: (ids: Iterable<string>) => string[] = () => []) {
  followNetworks(deps);
  return {
    store: deps.store,
    create: (request: CreateRequest & { name: string; platform?: string | undefined }) =>
      createContainer(deps, request),
    list: async (options: { all: boolean; size: boolean; limit: number; filters: Filters }) =>
      listContainers(deps, {
        ...options,
        matches: await listMatcher(deps, options.filters),
        includeStopped: findsStopped(options.filters),
      }),
    inspect: (ref: string, options: { size: boolean }) => inspectContainer(deps, ref, { ...options, runningExecs }),
    start: (ref: string) => startContainer(deps, ref),
    stop: (ref: string, options: StopOptions) => stopContainer(deps, ref, options),
    restart: (ref: string, options: StopOptions) => restartContainer(deps, ref, options),
    kill: (ref: string, signal: string) => killContainer(deps, ref, signal),
    pause: (ref: string) => pauseContainer(deps, ref),
    unpause: (ref: string) => unpauseContainer(deps, ref),
    rename: (ref: string, name: string) => renameContainer(deps, ref, name),
    update: (ref: string, update: UpdateRequest) => updateContainer(deps, ref, update),
    wait: (ref: string, condition: string) => waitContainer(deps, ref, condition),
    remove: (ref: string, options: RemoveOptions & { link: boolean }) => removeByRef(deps, ref, options),
    prune: (filters: Filters) => pruneContainers(deps, filters),
    /** At the engine's start, before the first request. @returns containers found running */
    recover: () => recoverContainers(deps),
  };
}
