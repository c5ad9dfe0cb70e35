/** The engine's start: find again what runs, work off what ended meanwhile, clear away what was half made. */
import { EngineError } from "../errors.ts";
import type { ExitRecord, MonitorChannel } from "../ports.ts";
import { containerCgroup } from "./container-cgroup.ts";
import { adoptChannel } from "./control.ts";
import type { Deps } from "./deps.ts";
import { hasProcess, type LiveContainer } from "./live.ts";
import { compressLogs } from "./log-compression.ts";
import { handleExit, killOrphans, restartLater } from "./on-exit.ts";
import { removeContainer } from "./remove.ts";
import { startsWithEngine } from "./restart-policy.ts";
import { startAgain } from "./start.ts";

/**
 * Before the first request is served. What it costs depends on the containers that run, not on those that exist.
 * @returns containers found running
 */
export async function recoverContainers(deps: Deps): Promise<LiveContainer[]> {
  const all = deps.store.all();
  const running = all.filter(({ record }) => hasProcess(record));
  await Promise.all(running.map((container) => recover(deps, container)));
  const known = new Set(running.map(({ record }) => record.id));
  await Promise.all(
    deps.files
      .runtimeIds()
      .filter((id) => !known.has(id))
      .map((id) => clearLeftovers(deps, id)),
  );
  await Promise.all(
    deps.files
      .ids()
      .filter((id) => !deps.store.get(id))
      .map((id) => forgetUncreated(deps, id)),
  );
  for (const container of all) resume(deps, container);
  return running.filter(({ record }) => hasProcess(record));
}

/** A container that ran when the last engine was last heard of. */
async function recover(deps: Deps, container: LiveContainer): Promise<void> {
  const { record, live, streams } = container;
  const { socket, exitRecord } = deps.files.of(record.id);
  live.startedAt = record.state.startedMonotonic ?? deps.clock.monotonic();
  compressLogs(deps, container);
  const channel = await connect(deps, socket);
  if (channel) {
    adoptChannel(container, channel);
    streams.bind(channel);
    deps.health.started(container);
    void channel.closed.then(() => followEnd(deps, container));
    return;
  }
  await handleExit(deps, container, await readExit(deps, exitRecord, container));
}

/** The connection has closed: the process has ended, or we were too slow a reader. */
async function followEnd(deps: Deps, container: LiveContainer): Promise<void> {
  const { socket, exitRecord } = deps.files.of(container.record.id);
  const exit = await readExit(deps, exitRecord, container);
  if (exit === undefined) {
    const again = await connect(deps, socket);
    if (again) {
      adoptChannel(container, again);
      void again.closed.then(() => followEnd(deps, container));
      return;
    }
  }
  if (hasProcess(container.record)) await handleExit(deps, container, exit);
}

async function readExit(deps: Deps, path: string, { record }: LiveContainer): Promise<ExitRecord | undefined> {
  try {
    return await deps.launcher.readExitRecord(path);
  } catch (error) {
    deps.log("read an exit record", { container: record.id, error });
    return undefined;
  }
}

async function connect({ launcher }: Pick<Deps, "launcher">, socket: string): Promise<MonitorChannel | undefined> {
  try {
    return await launcher.connect(socket);
  } catch (error) {
    if (error instanceof EngineError && error.kind === "not-found") return undefined;
    throw error;
  }
}

const SIGKILL = 9;

/** A start that the last engine's death cut short, or an end whose clean-up it did. */
async function clearLeftovers(deps: Deps, id: string): Promise<void> {
  try {
    await clearRun(deps, id);
  } catch (error) {
    deps.log("clear leftovers", { container: id, error });
  }
}

/** What a run has left of a container that, as far as is known, does not run: processes, cgroup, addresses, files. */
export async function clearRun(deps: Deps, id: string): Promise<void> {
  const channel = await connect(deps, deps.files.of(id).socket);
  if (channel) {
    await channel.signal(SIGKILL).catch(() => {}); // it is ending by itself
    await channel.closed;
  }
  const record = deps.store.get(id)?.record;
  await killOrphans(deps, record?.cgroupPath ?? containerCgroup(deps, { CgroupParent: "" }, id));
  await deps.connector.release(id);
  deps.files.removeRuntime(id);
}

/** A creation that was cut short before its record was written. */
async function forgetUncreated(deps: Deps, id: string): Promise<void> {
  try {
    await deps.layers.removeContainerLayer(id);
    await deps.files.remove(id);
  } catch (error) {
    deps.log("clear away a half made container", { container: id, error });
  }
}

/** What the last engine meant to do with containers that do not run. In the background. */
function resume(deps: Deps, container: LiveContainer): void {
  const { record } = container;
  const failed = (error: unknown) => deps.log("resume", { container: record.id, error });
  if (hasProcess(record) || container.live.ending || container.live.restart) return;
  if (record.state.status === "dead" || (record.hostConfig.AutoRemove && record.state.status === "exited")) {
    const volumes = record.removeVolumes ?? record.hostConfig.AutoRemove;
    removeContainer(deps, container, { force: true, volumes }).catch(failed);
  } else if (record.state.status === "restarting") {
    restartLater(deps, container).catch(failed);
  } else if (
    record.state.status === "exited" &&
    startsWithEngine(record.hostConfig.RestartPolicy, record.stoppedByUser)
  ) {
    startAgain(deps, container).catch(failed);
  }
}
