/** The end of PID 1: state first, then the world is told, then what the run held is given back. */
import { setTimeout as delay } from "node:timers/promises";
import type { ExitRecord } from "../ports.ts";
import type { ContainerRecord } from "./container.ts";
import type { Deps } from "./deps.ts";
import { hasProcess, type LiveContainer } from "./live.ts";
import { oomReportOf } from "./oom-report.ts";
import { publish } from "./publish.ts";
import { removeContainer } from "./remove.ts";
import { nextDelay, shouldRestart } from "./restart-policy.ts";
import { saveOrRetry } from "./save.ts";
import { run } from "./start.ts";

/** Docker's exit code for a process whose end nobody saw. */
const UNKNOWN_EXIT = 255;

/**
 * Work off the end of a container's run. Not under the container's exclusive turn: stop holds it while it waits for this.
 * @param exit undefined: the monitor died and left no record
 */
export function handleExit(deps: Deps, container: LiveContainer, exit: ExitRecord | undefined): Promise<void> {
  const { record, live } = container;
  const lost = exit === undefined;
  const exitCode = exit?.exitCode ?? UNKNOWN_EXIT;
  const restarting = shouldRestart(record.hostConfig.RestartPolicy, {
    exitCode,
    stoppedByUser: record.stoppedByUser || live.removing,
    restartCount: record.restartCount,
  });
  const left = record.state.process;
  deps.health.stopped(container);
  record.state = {
    status: restarting ? "restarting" : "exited",
    exitCode,
    error: lost ? "the container's monitor died: its exit status is unknown" : "",
    startedAt: record.state.startedAt,
    finishedAt: exit?.finishedAt ?? deps.clock.now(),
    // Any process of the container counts, whatever PID 1 then did.
    oomKilled: (exit?.counters.oom_kill ?? 0) > 0,
    ...(record.state.health && { health: record.state.health }),
  };
  if (exit === undefined) delete record.lastExit;
  else record.lastExit = { signal: exit.signal, counters: exit.counters, ...(left && { process: left }) };
  record.endpoints = [];
  record.ports = [];
  const saving = saveOrRetry(deps, container);
  if (record.state.oomKilled) publish(deps.events, record, "oom", oomAttributes(record));
  publish(deps.events, record, "die", {
    exitCode: String(exitCode),
    execDuration: String(Math.max(0, Math.floor((deps.clock.monotonic() - live.startedAt) / 1000))),
  });
  deps.volumes.stopped(
    record.id,
    record.mounts.flatMap(({ Name: name }) => name ?? []),
  );
  live.exits.fire({ exitCode });

  live.ending = giveBack(deps, container, { orphaned: lost && left !== undefined, saving }).then(() => {
    live.ending = undefined;
    if (restarting) void restartLater(deps, container);
    else end(deps, container, exitCode);
  });
  return live.ending;
}

/** The report in short, beside docker's own attributes. */
function oomAttributes(record: ContainerRecord): Record<string, string> {
  const report = oomReportOf(record);
  if (report === undefined) return {};
  const { kills, limit, peak, cgroup, first, victims } = report;
  return {
    "cloche.oom.kills": String(kills),
    "cloche.oom.victims": victims,
    "cloche.oom.pid1": first.fate,
    "cloche.oom.cgroup": cgroup.path,
    ...(limit !== undefined && { "cloche.oom.limit": String(limit) }),
    ...(peak !== undefined && { "cloche.oom.peak": String(peak) }),
  };
}

type Ended = {
  /** nobody has killed what is left of it */
  orphaned: boolean;
  /** the end is not written down yet */
  saving: Promise<void> | undefined;
};

async function giveBack(deps: Deps, container: LiveContainer, { orphaned, saving }: Ended): Promise<void> {
  const { record } = container;
  try {
    if (orphaned) await killOrphans(deps, record.cgroupPath);
    await deps.connector.release(record.id);
    // Until the end is in the record, the exit record is the only witness of it.
    if (saving) void saving.then(() => forgetRun(deps, container));
    else deps.files.removeRuntime(record.id);
  } catch (error) {
    deps.log("clean up after a container's end", { container: record.id, error });
  }
}

/** In the container's turn: it may have been started again meanwhile. */
async function forgetRun(deps: Deps, container: LiveContainer): Promise<void> {
  await container.exclusive(async () => {
    if (!hasProcess(container.record)) deps.files.removeRuntime(container.record.id);
  });
}

/** What a dead monitor could no longer do: kill what is in the cgroup, and remove it. */
export async function killOrphans({ cgroups }: Pick<Deps, "cgroups">, path: string): Promise<void> {
  if (!(await cgroups.exists(path))) return;
  // Where one cannot be thawed, the removal tells.
  await cgroups.thaw(path).catch(() => {});
  // More than once: a process may have forked while the list was read.
  for (let round = 0; round < KILL_ROUNDS; round++) {
    const pids = await cgroups.pids(path);
    if (pids.length === 0) break;
    for (const pid of pids) kill(pid);
    await delay(round);
  }
  await cgroups.remove(path);
}

const KILL_ROUNDS = 20;

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // ended meanwhile
  }
}

function end(deps: Deps, container: LiveContainer, exitCode: number): void {
  container.live.stops.fire({ exitCode });
  if (!container.record.hostConfig.AutoRemove || container.live.removing || container.live.keep) return;
  removeContainer(deps, container, { force: true, volumes: true }).catch((error: unknown) =>
    deps.log("automatic removal", { container: container.record.id, error }),
  );
}

/** The restart policy's part: wait, then start again unless somebody stopped it meanwhile. */
export async function restartLater(deps: Deps, container: LiveContainer): Promise<void> {
  const { record, live } = container;
  const patience = new AbortController();
  live.restart = patience;
  live.backoff = nextDelay(live.backoff, deps.clock.monotonic() - live.startedAt);
  try {
    await deps.clock.delay(live.backoff, patience.signal);
  } catch (error) {
    if (patience.signal.aborted) return;
    throw error;
  }
  await container.exclusive(async () => {
    if (patience.signal.aborted || record.state.status !== "restarting") return;
    live.restart = undefined;
    record.restartCount++;
    try {
      await run(deps, container);
    } catch (error) {
      deps.log("restart by policy", { container: record.id, error });
    }
  });
}
