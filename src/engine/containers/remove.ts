/** Remove a container with all that is its own. */
import { conflict, EngineError, internal } from "../errors.ts";
import type { Deps } from "./deps.ts";
import { hasProcess, isRunning, type LiveContainer } from "./live.ts";
import { publish } from "./publish.ts";
import { removeLink } from "./remove-link.ts";
import { saveOrRetry } from "./save.ts";
import { cancelRestart, sendSignal } from "./stop.ts";

export type RemoveOptions = {
  /** kill it first if it runs */
  force: boolean;
  /** its anonymous volumes too */
  volumes: boolean;
};

type DestroyDeps = Pick<Deps, "store" | "files" | "events" | "connector" | "layers" | "volumes" | "clock" | "log">;
type RemoveDeps = DestroyDeps & Pick<Deps, "launcher" | "cgroups">;

/** DELETE /containers/{id}. Throws conflict if it runs (without force) or is being removed already. */
export async function removeByRef(
  deps: RemoveDeps,
  ref: string,
  options: RemoveOptions & { link: boolean },
): Promise<void> {
  if (options.link) return await removeLink(deps, ref);
  const container = deps.store.find(ref);
  if (container.live.removing) throw conflict(`removal of container ${ref} is already in progress`);
  await removeContainer(deps, container, options);
}

/** The same for a container at hand; returns silently when somebody else removes it already. */
export async function removeContainer(
  deps: RemoveDeps,
  container: LiveContainer,
  { force, volumes }: RemoveOptions,
): Promise<void> {
  const { record, live } = container;
  if (live.removing) return;
  if (isRunning(record) && !force) {
    throw conflict(`cannot remove container "/${record.name}": ${refusal(record.state.status)}`);
  }
  live.removing = true;
  try {
    // Before taking the turn: a stop with a long patience may hold it, and ends with the process.
    if (force) await end(deps, container);
    await container.exclusive(async () => {
      // A start that was under way has come through meanwhile.
      if (isRunning(record) && !force)
        throw conflict(`cannot remove container "/${record.name}": ${refusal(record.state.status)}`);
      await end(deps, container);
      await destroy(deps, container, volumes);
    });
  } finally {
    live.removing = false;
  }
}

/** Delete all that is the container's own; with its exclusive turn held, when it does not run. */
export async function destroy(deps: DestroyDeps, container: LiveContainer, volumes: boolean): Promise<void> {
  const { record, live, streams } = container;
  try {
    record.state.status = "dead";
    record.removeVolumes = volumes;
    // On a full disk, to remove is what helps: it must not need space first.
    saveOrRetry(deps, container);
    // The last run's output may still be on its way: its connection's end is theirs.
    void Promise.resolve(live.channel?.closed).then(() => streams.abandon());
    await Promise.all([
      deps.connector.release(record.id),
      // In this order: the layer lies in the container's directory.
      deps.layers.removeContainerLayer(record.id).then(() => deps.files.remove(record.id)),
      deps.volumes.release(record.id, volumes),
    ]);
    await deleteRecord(deps, container);
  } catch (error) {
    throw error instanceof EngineError
      ? error
      : internal(`unable to remove filesystem for ${record.id}: ${error}`, error);
  }
  publish(deps.events, record, "destroy");
  live.removals.fire({ exitCode: record.state.exitCode });
}

/** What was removed before may still be on its way off a full disk. */
async function deleteRecord({ store, clock }: DestroyDeps, container: LiveContainer): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return store.delete(container);
    } catch (error) {
      if (tries === DELETE_TRIES) throw error;
      await clock.delay(tries * 20);
    }
  }
}

const DELETE_TRIES = 12;

/** Kill it if it runs. */
async function end(deps: RemoveDeps, container: LiveContainer): Promise<void> {
  const { record, live } = container;
  record.stoppedByUser = true;
  if (record.state.status === "restarting") cancelRestart(deps, container);
  if (hasProcess(record)) {
    const ended = live.exits.next();
    await sendSignal(deps, container, SIGKILL);
    if (hasProcess(record)) await ended;
  }
  await live.ending;
}

const SIGKILL = 9;

const refusal = (status: string) =>
  status === "paused"
    ? "container is paused and must be unpaused first"
    : `container is ${status}: stop the container before removing or force remove`;
