/**
 * The composition root: the only file that knows every floor. `cloche engine` starts here.
 *
 *     options -> what the host is -> stores -> networks, volumes, images -> containers, execs -> routes -> listen
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pino } from "pino";
import { authRoutes } from "./api/routes/auth.ts";
import { checkRoutes } from "./api/routes/check.ts";
import { containerRoutes } from "./api/routes/containers.ts";
import { eventRoutes } from "./api/routes/events.ts";
import { execRoutes, execStartRoute } from "./api/routes/execs.ts";
import { fileRoutes } from "./api/routes/files.ts";
import { glassRoutes } from "./api/routes/glass.ts";
import { imageRoutes } from "./api/routes/images.ts";
import { networkRoutes } from "./api/routes/networks.ts";
import { pluginRoutes } from "./api/routes/plugins.ts";
import { attachRoutes, streamRoutes } from "./api/routes/streams.ts";
import { swarmRoutes } from "./api/routes/swarm.ts";
import { systemRoutes } from "./api/routes/system.ts";
import { volumeRoutes } from "./api/routes/volumes.ts";
import { createServer } from "./api/server.ts";
import { check } from "./engine/check/check.ts";
import { createHealthMonitor } from "./engine/containers/health.ts";
import { imageUsers } from "./engine/containers/image-users.ts";
import { createContainers, createStore, type Deps } from "./engine/containers/index.ts";
import { validateLogConfig } from "./engine/containers/log-drivers.ts";
import { upstreamServers } from "./engine/containers/resolv-conf.ts";
import { createStats } from "./engine/containers/stats.ts";
import { createStreams } from "./engine/containers/streams.ts";
import { createEventBus } from "./engine/events.ts";
import { createExecs, type Execs } from "./engine/execs/execs.ts";
import { createProbe } from "./engine/execs/probe.ts";
import { createFiles } from "./engine/files/index.ts";
import { createGlass } from "./engine/glass/index.ts";
import { createImages } from "./engine/images/images.ts";
import { createNetworks } from "./engine/networks/networks.ts";
import { createVolumes } from "./engine/volumes/volumes.ts";
import { createCgroups } from "./host/cgroup/index.ts";
import { createInventory } from "./host/check/inventory.ts";
import { type EngineOptions, engineHelp, OptionError, readEngineOptions } from "./host/config/options.ts";
import { remapped } from "./host/config/user-namespace.ts";
import { containerSettings, engineId, socketGroup, versionFacts } from "./host/facts/engine-facts.ts";
import { hostFacts } from "./host/facts/host-facts.ts";
import { createFileHost } from "./host/files/index.ts";
import { createGlassHost } from "./host/glass/glass-host.ts";
import { killPoints } from "./host/kill-points.ts";
import { createLauncher } from "./host/launcher/launcher.ts";
import { createLogFiles } from "./host/logs/log-files.ts";
import { createDnsServers } from "./host/net/dns-servers.ts";
import { createHostNetwork } from "./host/net/host-network.ts";
import { recordTable } from "./host/net/record-table.ts";
import { createProcesses, topProcesses } from "./host/observe/index.ts";
import { createRegistry } from "./host/registry/registry.ts";
import { containerFiles } from "./host/state/container-files.ts";
import { hostDevices } from "./host/state/devices.ts";
import { hostPaths } from "./host/state/host-paths.ts";
import { openState } from "./host/state/records.ts";
import { openTables } from "./host/state/tables.ts";
import { openStorage } from "./host/storage/storage.ts";
import { createVolumeHost } from "./host/volumes/volume-host.ts";
import { compile } from "./isolation/compile.ts";
import { compileExec } from "./isolation/compile-exec.ts";
import { nowNano, systemClock } from "./lib/clock.ts";
import { parseFilters } from "./wire/filters.ts";
import { hostPlatform } from "./wire/platform.ts";

const VERSION = "0.1.0";
const LAUNCHER = join(import.meta.dirname, "../native/build/launcher");

await main(process.argv.slice(2));

async function main(argv: string[]): Promise<void> {
  let options: EngineOptions | undefined;
  try {
    options = readEngineOptions(argv);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.stderr.write(`cloche engine: ${error.message}\n`);
    process.exit(125);
  }
  if (options === undefined) {
    process.stdout.write(engineHelp());
    return;
  }
  if (process.getuid?.() !== 0) fail("the engine makes namespaces and cgroups of the host and so needs root");
  try {
    await serve(options);
  } catch (error) {
    fail((error as Error).message);
  }
}

async function serve(options: EngineOptions): Promise<void> {
  const log = pino({ level: options.logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
  const engine = await startEngine(options, log);
  mkdirSync(dirname(options.pidfile), { recursive: true });
  writeFileSync(options.pidfile, `${process.pid}\n`);
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info(`stopping on ${signal}; containers go on`);
    void engine.close().then(
      () => {
        rmSync(options.pidfile, { force: true });
        process.exit(0);
      },
      (error) => fail((error as Error).message),
    );
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  // One broken connection or container must not take the others with it.
  process.on("uncaughtException", (error) => log.error({ err: error }, "unexpected error"));
  process.on("unhandledRejection", (error) => log.error({ err: error }, "unexpected error"));
  log.info({ version: VERSION, hosts: options.hosts, dataRoot: options.dataRoot }, "the engine answers");
}

type Log = Pick<ReturnType<typeof pino>, "info" | "warn" | "error">;

/** Everything from the stores to the listening sockets. @returns how to end it; containers go on */
async function startEngine(options: EngineOptions, log: Log): Promise<{ close(): Promise<void> }> {
  const { execRoot, dataRoot, userNamespace } = { ...options, ...remapped(options) };
  const warn = (message: string, details: object = {}) => log.warn(details, message);
  const newId = () => randomBytes(32).toString("hex");
  mkdirSync(execRoot, { recursive: true, mode: 0o711 }); // 0711: the API's socket may lie in it, for its group
  const state = openState(dataRoot);
  const facts = hostFacts(dataRoot);
  const [storage, hostLauncher, hostCgroups] = await Promise.all([
    openStorage({ dataRoot, onFailure: (error) => warn("storage", { err: error }) }),
    createLauncher({ binary: LAUNCHER, socket: join(execRoot, "launch.sock") }),
    createCgroups(),
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
    host: kill.port("network", createHostNetwork({ bridge: options.bridge, log: warn, launcher })),
    names: createDnsServers({
      store,
      upstreams: (container) =>
        upstreamServers({ host: files.hostResolvConf(), asked: container?.hostConfig.Dns ?? [], settings: [] }),
      log: warn,
    }),
    options: { bridge: options.bridge, bip: options.bip },
  });
  const volumes = await createVolumes({
    ...shared,
    table: kill.port("volumes", recordTable(tables, "volumes")),
    host: kill.port("volume", await createVolumeHost(dataRoot, launcher)),
  });
  const images = createImages({
    ...shared,
    records: kill.port("images", storage.records),
    layerStore: kill.port("layerStore", storage.layerStore),
    archives: storage.archives,
    registry: createRegistry({
      mirrors: options.registryMirrors,
      insecureRegistries: options.insecureRegistries,
      loopbackOnly: options.registryLoopbackOnly,
    }),
    now: clock.now,
    host: hostPlatform(process.arch),
    imageUsers: (imageId) => imageUsers(store, imageId),
  });
  const execs = createExecs({ ...shared, launcher, layers, cgroups, compileExec });
  const health = createHealthMonitor({ store, events, clock, probe: createProbe(execs) });
  const settings = await containerSettings({ ...options, userNamespace }, cgroups, networks.hostGateway());
  validateLogConfig(settings.logConfig);
  const logFiles = createLogFiles();
  const deps: Deps = {
    ...shared,
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
  const glass = createGlass({
    ...deps,
    host: createGlassHost(hostCgroups.layout),
    knownVolume: (name) => volumes.list(noFilters).find((volume) => volume.Name === name),
  });
  const fileVerbs = createFiles({
    ...deps,
    images,
    host: createFileHost({ launcher, layers: storage.layers }),
    pause: containers.pause,
    unpause: containers.unpause,
  });
  const stats = createStats({ store, events, cgroups, processes, clock });
  const checkDeps = {
    ...deps,
    networks,
    volumeNames: () => volumes.list(noFilters).map(({ Name }) => Name),
    storage,
    inventory: createInventory({ ...options, layout: cgroups.layout }),
  };
  await kill.during("recover", () => containers.recover());

  const logs = { store, events, clock, logFiles, logPath: (id: string) => files.of(id).log };
  const server = await createServer({
    log,
    cgroupVersion: hostCgroups.layout.version,
    serverName: `Cloche/${VERSION} (linux)`,
    register: (app) => {
      systemRoutes(app, {
        info: {
          store,
          imageCount: () => images.list({ all: true, sharedSize: false, filters: noFilters }).length,
          eventListeners: events.listeners,
          now: clock.now,
          host: facts,
          cgroups,
          settings: {
            engineId: engineId(dataRoot),
            version: VERSION,
            dataRoot,
            registryMirrors: options.registryMirrors,
            insecureRegistries: options.insecureRegistries,
            labels: [],
            loggingDriver: settings.logConfig.Type,
            userNamespaces: userNamespace !== undefined,
            debug: options.logLevel === "debug",
          },
        },
        version: versionFacts(VERSION),
        diskUsage: {
          containers: () => containers.list({ all: true, size: true, limit: 0, filters: noFilters }),
          images: async () => images.list({ all: false, sharedSize: true, filters: noFilters }),
          volumes: () => volumes.usage(),
          layersSize: async () => images.layersSize(),
        },
      });
      containerRoutes(app, { containers: kill.verbs(containers) });
      streamRoutes(app, { ...logs, cgroups, topProcesses, stats });
      execRoutes(app, { execs: kill.verbs(execs) });
      imageRoutes(app, { images: kill.verbs(images) });
      fileRoutes(app, { files: kill.verbs(fileVerbs) });
      networkRoutes(app, { networks: kill.verbs(networks) });
      volumeRoutes(app, { volumes: kill.verbs(volumes) });
      glassRoutes(app, { glass });
      eventRoutes(app, { events });
      authRoutes(app, {});
      swarmRoutes(app);
      pluginRoutes(app);
      checkRoutes(app, { check: (asked) => check(checkDeps, asked) });
    },
    hijacks: [...attachRoutes(logs), execStartRoute({ execs })],
  });
  for (const address of options.hosts) await server.listen(address, socketGroup());
  return {
    async close() {
      await server.close();
      stats.close();
      await networks.close();
      await launcher.close();
      await storage.close();
      tables.close();
      state.close();
    },
  };
}

const noFilters = parseFilters(undefined, []);

function runningExecs(execs: Execs, ids: Iterable<string>): string[] {
  return [...ids].filter((id) => execs.isRunning(id));
}

function fail(message: string): never {
  process.stderr.write(`cloche engine: ${message}\n`);
  process.exit(1);
}
