/** Every route of the API and what carries it out. */
import type { FastifyInstance } from "fastify";
import type { Buildkit } from "../api/buildkit/index.ts";
import { type AuthDeps, authRoutes } from "../api/routes/auth.ts";
import { buildRoutes } from "../api/routes/build.ts";
import { checkRoutes } from "../api/routes/check.ts";
import { containerRoutes } from "../api/routes/containers.ts";
import { eventRoutes } from "../api/routes/events.ts";
import { execRoutes } from "../api/routes/execs.ts";
import { fileRoutes } from "../api/routes/files.ts";
import { glassRoutes } from "../api/routes/glass.ts";
import { glassLiveRoutes, type LiveDeps } from "../api/routes/glass-live.ts";
import { type ImageLayersDeps, imageLayerRoutes } from "../api/routes/image-layers.ts";
import { imageRoutes } from "../api/routes/images.ts";
import { metricsRoutes } from "../api/routes/metrics.ts";
import { networkRoutes } from "../api/routes/networks.ts";
import { pluginRoutes } from "../api/routes/plugins.ts";
import { type SignalVerbs, signalRoutes } from "../api/routes/signals.ts";
import { type StreamDeps, streamRoutes } from "../api/routes/streams.ts";
import { swarmRoutes } from "../api/routes/swarm.ts";
import { systemRoutes } from "../api/routes/system.ts";
import { uiRoutes } from "../api/routes/ui.ts";
import { volumeRoutes } from "../api/routes/volumes.ts";
import type { Ui } from "../api/ui/server.ts";
import type { Builds } from "../engine/build/index.ts";
import type { CheckResult } from "../engine/check/things.ts";
import type { ContainerVerbs } from "../engine/containers/index.ts";
import type { EventBus } from "../engine/events.ts";
import type { Execs } from "../engine/execs/execs.ts";
import type { Files } from "../engine/files/index.ts";
import type { Glass } from "../engine/glass/index.ts";
import type { Images } from "../engine/images/images.ts";
import type { Metrics } from "../engine/metrics/metrics.ts";
import type { Networks } from "../engine/networks/networks.ts";
import type { Cgroups, Clock } from "../engine/ports.ts";
import type { InfoDeps } from "../engine/system/info.ts";
import type { VolumeApi } from "../engine/volumes/volumes.ts";
import type { EngineOptions } from "../host/config/options.ts";
import { engineId, versionFacts } from "../host/facts/engine-facts.ts";
import { topProcesses } from "../host/observe/index.ts";
import { noFilters } from "../wire/filters.ts";
import { VERSION } from "./version.ts";

/** What the routes call, made by engine.ts. */
export type Parts = {
  options: EngineOptions & { userNamespaces: boolean; loggingDriver: string };
  facts: InfoDeps["host"];
  store: InfoDeps["store"];
  events: EventBus;
  clock: Clock;
  cgroups: Cgroups;
  logs: Omit<StreamDeps, "cgroups" | "topProcesses" | "stats">;
  stats: StreamDeps["stats"];
  glass: Glass;
  metrics: Metrics;
  live: Pick<LiveDeps, "live" | "sampler" | "nowNano">;
  containers: ContainerVerbs;
  execs: Execs;
  images: Images;
  files: Files;
  builds: Builds;
  buildkit: () => Promise<Buildkit>;
  networks: Networks;
  volumes: VolumeApi;
  check: (asked: { repair: boolean }) => Promise<CheckResult>;
  checkCredentials: AuthDeps["checkCredentials"];
  imageLayers: ImageLayersDeps["imageLayers"];
  signals: SignalVerbs;
  ui: Pick<Ui, "link">;
};

export function registerRoutes(app: FastifyInstance, parts: Parts): void {
  const { options, facts, store, events, clock, cgroups, logs, stats, glass } = parts;
  const { containers, execs, images, files, builds, networks, volumes, check } = parts;
  systemRoutes(app, {
    info: {
      store,
      imageCount: () => images.list({ all: true, sharedSize: false, filters: noFilters }).length,
      eventListeners: events.listeners,
      now: clock.now,
      host: facts,
      cgroups,
      settings: {
        engineId: engineId(options.dataRoot),
        version: VERSION,
        dataRoot: options.dataRoot,
        registryMirrors: options.registryMirrors,
        insecureRegistries: options.insecureRegistries,
        labels: options.labels,
        loggingDriver: options.loggingDriver,
        userNamespaces: options.userNamespaces,
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
  containerRoutes(app, { containers });
  streamRoutes(app, { ...logs, cgroups, topProcesses, stats });
  execRoutes(app, { execs });
  imageRoutes(app, { images });
  fileRoutes(app, { files });
  buildRoutes(app, { builds, buildkit: parts.buildkit });
  networkRoutes(app, { networks });
  volumeRoutes(app, { volumes });
  glassRoutes(app, { glass });
  metricsRoutes(app, { metrics: parts.metrics });
  glassLiveRoutes(app, { ...parts.live, glass });
  imageLayerRoutes(app, { imageLayers: parts.imageLayers });
  signalRoutes(app, { signals: parts.signals });
  uiRoutes(app, { ui: parts.ui });
  eventRoutes(app, { events });
  authRoutes(app, { checkCredentials: parts.checkCredentials });
  swarmRoutes(app);
  pluginRoutes(app);
  checkRoutes(app, { check });
}
