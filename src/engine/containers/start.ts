/** Start a container: gather what it needs, compile the plan, have it carried out; every failure undoes all. */
import { undoStack } from "../../lib/undo.ts";
import { conflict, notModified } from "../errors.ts";
import { despiteLeftovers } from "../networks/leftover-links.ts";
import type { Launched } from "../ports.ts";
import type { ContainerRecord } from "./container.ts";
import { containerCgroup } from "./container-cgroup.ts";
import { containerTexts } from "./container-texts.ts";
import { adoptChannel } from "./control.ts";
import type { Deps } from "./deps.ts";
import { leaveOut } from "./lab.ts";
import { startFailure } from "./launch-errors.ts";
import { isRunning, type LiveContainer } from "./live.ts";
import { compressLogs } from "./log-compression.ts";
import { networkRequest } from "./network-request.ts";
import { handleExit } from "./on-exit.ts";
import { publish } from "./publish.ts";
import { destroy } from "./remove.ts";
import { saveOrRetry } from "./save.ts";
import { networkOwner } from "./spec-namespaces.ts";
import { toIsolationSpec } from "./to-isolation-spec.ts";

/** Throws not-modified if it runs, conflict if it is paused or being removed, else as docker for what went wrong. */
export async function startContainer(deps: Deps, ref: string): Promise<void> {
  await startAgain(deps, deps.store.find(ref));
}

/** The same for a container at hand. */
export async function startAgain(deps: Deps, container: LiveContainer): Promise<void> {
  await container.exclusive(async () => {
    refuseStart(container);
    container.record.stoppedByUser = false;
    container.record.restartCount = 0;
    container.live.backoff = 0;
    await run(deps, container);
  });
}

function refuseStart({ record, live }: LiveContainer): void {
  if (record.state.status === "paused") throw conflict("cannot start a paused container, try unpause instead");
  if (isRunning(record)) throw notModified();
  if (live.removing || record.state.status === "dead") {
    throw conflict("container is marked for removal and cannot be started");
  }
}

/** Start it, with the container's exclusive turn held. Used by start, restart and the restart policy. */
export async function run(deps: Deps, container: LiveContainer): Promise<void> {
  const { record, live, streams } = container;
  await live.ending;
  live.starting = true;
  const began = deps.clock.monotonic();
  const ended = (failed: boolean) => deps.starts?.ended({ milliseconds: deps.clock.monotonic() - began, failed });
  try {
    await launch(deps, container);
    ended(false);
  } catch (cause) {
    ended(true);
    const { error, exitCode } = startFailure(cause);
    record.state = {
      ...record.state,
      status: record.state.startedAt.startsWith("0001") ? "created" : "exited",
      exitCode,
      error: error.message,
    };
    record.endpoints = [];
    record.ports = [];
    streams.abandon();
    saveOrRetry(deps, container);
    // Without the text: the CLI would show it twice, as the answer to its wait and to its start.
    live.stops.fire({ exitCode });
    if (record.hostConfig.AutoRemove && !live.removing) {
      live.removing = true;
      await destroy(deps, container, true);
    }
    throw error;
  } finally {
    live.starting = false;
  }
}

/** In another container's network it has that one's names, also in HOSTNAME and for those who inspect it. */
function takeNames(record: LiveContainer["record"], owner: LiveContainer["record"] | undefined): void {
  if (!owner) return;
  const { Hostname, Domainname } = owner.config;
  record.config = { ...record.config, Hostname, Domainname };
}

async function launch(deps: Deps, container: LiveContainer): Promise<void> {
  const { record, live, streams } = container;
  await using undo = undoStack((error) => deps.log("undo of a failed start", { container: record.id, error }));

  record.cgroupPath = containerCgroup(deps, record.hostConfig, record.id);
  takeNames(record, networkOwner(deps.store, record));
  const request = networkRequest(record);
  undo.add(() => deps.connector.release(record.id));
  const [layer, network] = await Promise.all([
    layerFor(deps, record),
    deps.connector.prepare(request),
    deps.cgroups.prepare(record.cgroupPath),
  ]);
  undo.add(() => deps.files.removeRuntime(record.id));
  deps.files.prepare(record.id, containerTexts(deps, record, network.endpoints));

  const whole = await toIsolationSpec(deps, { container, layer, network: network.spec });
  const spec = leaveOut(whole, record.hostConfig, deps.settings.lab ?? false);
  const plan = deps.compile(spec);
  // Before: the process's first line may be logged before we hear that it runs, and clients ask for logs since then.
  const startedAt = deps.clock.now();
  const placeKeeper = deps.cgroups.keeperPlace(record.cgroupPath, spec.cgroup.resources);
  const launched = await despiteLeftovers(network.endpoints, () => deps.launcher.launch(plan, placeKeeper));
  // At once: what comes from here on is for those who attached before the start.
  streams.bind(launched.channel);
  undo.add(() => killLaunched(launched));
  await deps.connector.activate(record.id, launched.process, network.endpoints, network.ports);

  record.endpoints = network.endpoints;
  // Shown when it has stopped, too: compose takes a container without them for one of other networks, and makes it anew.
  for (const { networkName, networkId } of network.endpoints) {
    const asked = record.networking[networkName] ?? record.networking[networkId];
    if (asked) asked.NetworkID = networkId;
  }
  record.ports = network.ports;
  record.plan = { plan, timings: launched.timings };
  record.state = {
    status: "running",
    process: launched.process,
    monitorPid: launched.monitorPid,
    exitCode: 0,
    error: "",
    startedAt,
    startedMonotonic: deps.clock.monotonic(),
    finishedAt: record.state.finishedAt,
    oomKilled: false,
  };
  deps.health.started(container);
  deps.store.save(container);
  undo.keep();

  live.startedAt = deps.clock.monotonic();
  adoptChannel(container, launched.channel);
  compressLogs(deps, container);
  deps.volumes.started(record.id, volumeUses(record));
  publish(deps.events, record, "start");
  for (const warning of launched.warnings) deps.log("start", { container: record.id, warning });
  void launched.exit.then((exit) => handleExit(deps, container, exit));
}

/** A run with a volatile mount leaves a mark that no second mount accepts: the layer is made ready anew. */
async function layerFor({ layers }: Pick<Deps, "layers">, record: ContainerRecord) {
  const marked = record.hostConfig.AutoRemove && !record.state.startedAt.startsWith("0001");
  return record.layer && !marked ? record.layer : layers.createContainerLayer(record.id, record.diffIds);
}

function volumeUses({ mounts }: ContainerRecord) {
  return mounts.flatMap(({ Name: name, Destination: destination, RW }) =>
    name ? [{ name, destination, readonly: !RW }] : [],
  );
}

const SIGKILL = 9;

async function killLaunched({ channel, exit }: Launched): Promise<void> {
  await channel.signal(SIGKILL).catch(() => {}); // it may have ended by itself
  await exit;
  channel.close();
}
