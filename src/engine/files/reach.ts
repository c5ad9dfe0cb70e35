/** Where a container's files are: in its own mounts while it runs, else in the same mounts made for the occasion. */
import type { FilesRoot } from "../../isolation/compile-files.ts";
import type { ContainerRecord } from "../containers/container.ts";
import type { Deps } from "../containers/deps.ts";
import { hasProcess, type LiveContainer } from "../containers/live.ts";
import { mountSpecs } from "../containers/spec-mounts.ts";
import type { ContainerLayer } from "../ports.ts";
import { FileError, type FileHost } from "./ports.ts";

export type FileDeps = Pick<Deps, "store" | "layers" | "files" | "paths" | "events"> & { host: FileHost };

/**
 * Work on a container's files. A stopped one does not start meanwhile: two mounts of one layer do not know of each other.
 * @param options.mounts false: the root file system alone
 * @param options.until the work's result is in use for so long
 */
export async function reachFiles<T>(
  deps: FileDeps,
  container: LiveContainer,
  work: (root: FilesRoot) => Promise<T>,
  options: { mounts: boolean; until?: (result: T) => Promise<void> },
): Promise<T> {
  try {
    const running = runningRoot(container.record);
    if (running) return await work(running);
  } catch (error) {
    // It has ended since.
    if (!(error instanceof FileError && error.call === "open_process")) throw error;
  }
  const result = Promise.withResolvers<T>();
  void container.exclusive(async () => {
    try {
      const running = runningRoot(container.record);
      const done = await work(running ?? (await stoppedRoot(deps, container.record, options.mounts)));
      result.resolve(done);
      if (!running) await options.until?.(done);
    } catch (error) {
      result.reject(error);
    }
  });
  return result.promise;
}

/** Made with the container; made again if an older engine did not note where. */
export async function layerOf(deps: Pick<FileDeps, "layers">, record: ContainerRecord): Promise<ContainerLayer> {
  return record.layer ?? deps.layers.createContainerLayer(record.id, record.diffIds);
}

function runningRoot(record: ContainerRecord): FilesRoot | undefined {
  const { process } = record.state;
  if (!hasProcess(record) || !process) return undefined;
  // The pipes of a container with a user namespace of its own were given to root in there.
  const owner = record.plan?.plan.ops.find((op) => op.op === "own_stdio");
  return { kind: "process", process, ...(owner && { userRoot: { uid: owner.uid, gid: owner.gid } }) };
}

async function stoppedRoot(deps: FileDeps, record: ContainerRecord, mounts: boolean): Promise<FilesRoot> {
  const layer = await layerOf(deps, record);
  return {
    kind: "rootfs",
    rootfs: {
      source: { type: "overlay", ...layer, volatile: false },
      mountpoint: deps.files.of(record.id).mountpoint,
      readonly: record.hostConfig.ReadonlyRootfs,
    },
    // Its own files in /etc are made by its first start.
    mounts: mounts
      ? mountSpecs(deps, record).filter((it) => it.type !== "bind" || deps.paths.kind(it.source) !== undefined)
      : [],
  };
}
