/**
 * The composition of an engine, the only floor that knows every other one:
 *
 *     options -> what the host is -> stores -> networks, volumes, images -> containers, execs -> routes -> listen
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { pino } from "pino";
import { buildkitHijacks, lazyBuildkit } from "../api/routes/buildkit.ts";
import { execSocketRoute, execStartRoute } from "../api/routes/execs.ts";
import { serveMetrics } from "../api/routes/metrics.ts";
import { attachRoutes } from "../api/routes/streams.ts";
import { createServer } from "../api/server.ts";
import { createUi, type Ui } from "../api/ui/server.ts";
import { createBuilds } from "../engine/build/index.ts";
import { check } from "../engine/check/check.ts";
import { createHealthMonitor } from "../engine/containers/health.ts";
import { imageUsers } from "../engine/containers/image-users.ts";
import { createContainers, createStore, type Deps } from "../engine/containers/index.ts";
import { validateLogConfig } from "../engine/containers/log-drivers.ts";
import { upstreamServers } from "../engine/containers/resolv-conf.ts";
import { createStats } from "../engine/containers/stats.ts";
import { createStreams } from "../engine/containers/streams.ts";
import { createEventBus } from "../engine/events.ts";
import { createExecs, type Execs } from "../engine/execs/execs.ts";
import { createProbe } from "../engine/execs/probe.ts";
import { createFiles } from "../engine/files/index.ts";
import { createGlass } from "../engine/glass/index.ts";
import { createLive } from "../engine/glass/live/index.ts";
import { signalInside, signalOutside } from "../engine/glass/signal.ts";
import { createImages } from "../engine/images/images.ts";
import { createImageLayers } from "../engine/images/layers.ts";
import { createMetrics } from "../engine/metrics/metrics.ts";
import { createStarts } from "../engine/metrics/starts.ts";
import { createNetworks } from "../engine/networks/networks.ts";
import { createSampler } from "../engine/sampling/sampler.ts";
import { createVolumes } from "../engine/volumes/volumes.ts";
import { createBuildHost } from "../host/build/index.ts";
import { createCgroups } from "../host/cgroup/index.ts";
import { createInventory } from "../host/check/inventory.ts";
import type { EngineOptions } from "../host/config/options.ts";
import { remapped } from "../host/config/user-namespace.ts";
import { containerSettings, socketGroup } from "../host/facts/engine-facts.ts";
import { hostFacts } from "../host/facts/host-facts.ts";
import { createFileHost } from "../host/files/index.ts";
import { createGlassHost } from "../host/glass/glass-host.ts";
import { killPoints } from "../host/kill-points.ts";
import { createLauncher } from "../host/launcher/launcher.ts";
import { createLogFiles } from "../host/logs/log-files.ts";
import { createDnsServers } from "../host/net/dns-servers.ts";
import { createHostNetwork } from "../host/net/host-network.ts";
import { recordTable } from "../host/net/record-table.ts";
import { tableName } from "../host/net/table-name.ts";
import { createHostMeter, createProcesses } from "../host/observe/index.ts";
import { createCredentialsCheck } from "../host/registry/login.ts";
import { createRegistry } from "../host/registry/registry.ts";
import { containerFiles } from "../host/state/container-files.ts";
import { hostDevices } from "../host/state/devices.ts";
import { hostPaths } from "../host/state/host-paths.ts";
import { openState } from "../host/state/records.ts";
import { openTables } from "../host/state/tables.ts";
import { listLayer } from "../host/storage/list-layer.ts";
import { openStorage } from "../host/storage/storage.ts";
import { createVolumeHost } from "../host/volumes/volume-host.ts";
import { parentPath } from "../isolation/cgroups/path.ts";
import { compile } from "../isolation/compile.ts";
import { compileExec } from "../isolation/compile-exec.ts";
import { nowNano, systemClock } from "../lib/clock.ts";
import { noFilters } from "../wire/filters.ts";
import { hostPlatform } from "../wire/platform.ts";

const LAUNCHER = join(import.meta.dirname, "../../native/build/launcher");
const PAGE = join(import.meta.dirname, "../../dist/web");

import { type Parts, registerRoutes } from "./routes.ts";
import { VERSION } from "./version.ts";

type Log = Pick<ReturnType<typeof pino>, "info" | "warn" | "error">;

/** Everything from the stores to the listening sockets. @returns how to end it; containers go on */
export async function startEngine(options: EngineOptions, log: Log): Promise<{ close(): Promise<void> }> {
  const { execRoot, dataRoot, userNamespace } = { ...options, ...remapped(options) };
  const warn = (message: string, details: object = {}) => log.warn(details, message);
  const newId = () => randomBytes(32).toString("hex");
  mkdirSync(execRoot, { recursive: true, mode: 0o711 }); // 0711: the API's socket may lie in it, for its group
  const state = openState(dataRoot);
  const facts = hostFacts(dataRoot);
  const [storage, hostLauncher, hostCgroups] = await Promise.all([
    openStorage({ dataRoot, onFailure: (error) => warn("storage", { err: error }) }),
    createLauncher({ binary: LAUNCHER, socket: join(execRoot, "launch.sock") }),
    createCgroups({ driver: options.cgroupDriver }),
  ]);
  const kill = killPoints(process.env);
  const launcher = kill.port("launcher", hostLauncher);
  const cgroups = kill.port("cgroups", hostCgroups);
  const layers = kill.port("layers", storage.layers);
  const processes = createProcesses();
  const clock = systemClock;
  const events = createEventBus(nowNano);
  const store = createStore({ records: kill.port("records", state.records), newStreams: () => createStreams() });
  const files = kill.port("files", containerFiles({ dataRoot, execRoot }));
  const tables = openTables(dataRoot);
  const shared = { store, events, clock, newId, log: warn };

  const networks = await createNetworks({
    ...shared,
    table: kill.port("networks", recordTable(tables, "networks")),
    host: kill.port(
      "network",
      createHostNetwork({ table: tableName({ ...options, dataRoot }), log: warn, launcher, binary: hostLauncher.path }),
    ),
    names: createDnsServers({
      store,
      upstreams: (container) =>
        upstreamServers({
          host: files.hostResolvConf(),
          asked: container?.hostConfig.Dns ?? [],
          settings: options.dns,
        }),
      log: warn,
    }),
    options,
  });
  const volumes = await createVolumes({
    ...shared,
    table: kill.port("volumes", recordTable(tables, "volumes")),
    host: kill.port("volume", await createVolumeHost(dataRoot, launcher)),
  });
  const registries = {
    mirrors: options.registryMirrors,
    insecureRegistries: options.insecureRegistries,
    loopbackOnly: options.registryLoopbackOnly,
  };
  const images = createImages({
    ...shared,
    records: kill.port("images", storage.records),
    layerStore: kill.port("layerStore", storage.layerStore),
    archives: storage.archives,
    registry: createRegistry(registries),
    now: clock.now,
    host: hostPlatform(process.arch),
    imageUsers: (imageId) => imageUsers(store, imageId),
  });
  const settings = await containerSettings({ ...options, userNamespace }, cgroups, networks.hostGateway());
  const execs = createExecs({ ...shared, launcher, layers, cgroups, compileExec, capabilities: settings.capabilities });
  const health = createHealthMonitor({ store, events, clock, probe: createProbe(execs) });
  validateLogConfig(settings.logConfig);
  const logFiles = createLogFiles();
  const starts = createStarts();
  const deps: Deps = {
    ...shared,
    starts,
    logFiles,
    launcher,
    layers,
    cgroups,
    processes,
    images,
    connector: networks,
    volumes,
    devices: hostDevices(),
    files,
    paths: hostPaths,
    health,
    settings,
    compile,
  };
  const containers = createContainers(deps, (ids) => runningExecs(execs, ids));
  const glassHost = createGlassHost(hostCgroups.layout);
  const glass = createGlass({
    ...deps,
    host: glassHost,
    knownVolume: (name) => volumes.list(noFilters).find((volume) => volume.Name === name),
  });
  const fileHost = createFileHost({ launcher, layers: storage.layers });
  const fileVerbs = createFiles({
    ...deps,
    images,
    host: fileHost,
    pause: containers.pause,
    unpause: containers.unpause,
  });
  const host = createHostMeter();
  const sampler = createSampler({ ...shared, host, cgroups: hostCgroups, now: Date.now });
  const metrics = createMetrics({ store, sampler, starts, version: VERSION });
  const live = createLive({
    ...shared,
    sampler,
    glass,
    host: glassHost,
    list: () => containers.list({ all: true, size: false, limit: 0, filters: noFilters }),
    about: {
      cpus: settings.cpus,
      memory: host.memory(),
      cgroupVersion: hostCgroups.layout.version,
      lab: options.lab,
    },
    now: Date.now,
  });
  const builds = createBuilds({
    ...deps,
    images,
    containers,
    volumes,
    fileHost,
    host: createBuildHost({ dataRoot, loopbackOnly: options.registryLoopbackOnly }),
  });
  const stats = createStats({ store, sampler, host, clock, version: hostCgroups.layout.version });
  const checkDeps = {
    ...deps,
    networks,
    volumeNames: () => volumes.list(noFilters).map(({ Name }) => Name),
    storage,
    inventory: createInventory({
      ...options,
      layout: cgroups.layout,
      cgroupParent: parentPath(cgroups.driver, settings.cgroupParent),
    }),
  };
  await kill.during("recover", () => containers.recover());

  const logs = { store, events, clock, logFiles, logPath: (id: string) => files.of(id).log };
  const parts: Parts = {
    options: {
      ...options,
      dataRoot,
      userNamespaces: userNamespace !== undefined,
      loggingDriver: settings.logConfig.Type,
    },
    facts,
    store,
    events,
    clock,
    cgroups,
    logs,
    stats,
    glass,
    live: { live, sampler, nowNano },
    metrics,
    containers: kill.verbs(containers),
    execs: kill.verbs(execs),
    images: kill.verbs(images),
    files: kill.verbs(fileVerbs),
    builds: kill.verbs(builds),
    buildkit: lazyBuildkit({ builds, images, version: VERSION, nowNano }),
    networks: kill.verbs(networks),
    volumes: kill.verbs(volumes),
    check: (asked) => check(checkDeps, asked),
    checkCredentials: createCredentialsCheck(registries),
    imageLayers: createImageLayers({ ...storage, listLayer }),
    signals: {
      outside: (asked) =>
        signalOutside({ host: glassHost, store, send: (pid, signal) => process.kill(pid, signal) }, asked),
      inside: (container, process) => signalInside(execs, container, process),
    },
    ui: { link: (address) => ui.link(address) },
  };
  const server = await createServer({
    log,
    cgroupVersion: hostCgroups.layout.version,
    serverName: `Cloche/${VERSION} (linux)`,
    register: (app) => registerRoutes(app, parts),
    hijacks: [
      ...attachRoutes(logs),
      ...[execStartRoute({ execs }), execSocketRoute({ execs })],
      ...buildkitHijacks(parts),
    ],
  });
  const ui: Ui = createUi({ api: server.inner, root: PAGE, now: Date.now });
  let scraped: Awaited<ReturnType<typeof serveMetrics>> | undefined;
  const close = async () => {
    await ui.close();
    await server.close();
    sampler.close();
    await scraped?.close();
    await networks.close();
    await launcher.close();
    await storage.close();
    tables.close();
    state.close();
  };
  try {
    if (options.ui !== "") await ui.listen(options.ui);
    if (options.metricsAddress !== "") {
      scraped = await serveMetrics(options.metricsAddress, metrics, log);
      log.info(`metrics at http://${scraped.address}/metrics`);
    }
    for (const address of options.hosts) await server.listen(address, socketGroup());
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

function runningExecs(execs: Execs, ids: Iterable<string>): string[] {
  return [...ids].filter((id) => execs.isRunning(id));
}
