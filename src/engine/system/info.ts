/** `docker info`: what this engine is, and what it runs on. */
import type { CgroupLayout } from "../../isolation/spec.ts";
import type { ContainerStore } from "../containers/container.ts";
import { LOG_DRIVERS } from "../containers/log-drivers.ts";

/** What does not change while the engine lives. */
export type HostFacts = {
  hostname: string;
  kernelVersion: string;
  /** PRETTY_NAME and VERSION_ID of os-release(5) */
  operatingSystem: string;
  osVersion: string;
  /** the kernel's name of the machine: x86_64 */
  machine: string;
  cpus: number;
  /** bytes */
  memory: number;
  ipv4Forwarding: boolean;
  /** file system below the data root: "extfs", "xfs" … */
  backingFilesystem: string;
  apparmor: boolean;
};

export type InfoDeps = {
  store: Pick<ContainerStore, "all">;
  imageCount: () => number | Promise<number>;
  eventListeners: () => number;
  now: () => string;
  host: HostFacts;
  cgroups: { layout: CgroupLayout; driver: string };
  settings: {
    /** stable over restarts */
    engineId: string;
    version: string;
    dataRoot: string;
    registryMirrors: string[];
    /** hosts or CIDRs */
    insecureRegistries: string[];
    labels: string[];
    loggingDriver: string;
    userNamespaces: boolean;
    /** how many descriptors are open; 0 if not known */
    debug: boolean;
  };
};

export async function engineInfo(deps: InfoDeps): Promise<object> {
  const { host, settings, cgroups } = deps;
  const controllers = controllersOf(cgroups.layout);
  const has = (name: string) => controllers.has(name);
  const v1 = cgroups.layout.version === "v1";
  return {
    ID: settings.engineId,
    ...countContainers(deps.store),
    Images: await deps.imageCount(),
    Driver: "overlay2",
    DriverStatus: [
      ["Backing Filesystem", host.backingFilesystem],
      ["Supports d_type", "true"],
      ["Using metacopy", "false"],
      ["Native Overlay Diff", "true"],
      ["userxattr", "false"],
    ],
    Plugins: {
      Volume: ["local"],
      Network: ["bridge", "host", "null"],
      Authorization: null,
      Log: [...LOG_DRIVERS],
    },
    MemoryLimit: has("memory"),
    SwapLimit: has("memory"),
    CpuCfsPeriod: has("cpu"),
    CpuCfsQuota: has("cpu"),
    CPUShares: has("cpu"),
    CPUSet: has("cpuset"),
    PidsLimit: has("pids"),
    OomKillDisable: v1 && has("memory"),
    IPv4Forwarding: host.ipv4Forwarding,
    Debug: settings.debug,
    NFd: 0,
    NGoroutines: 0,
    SystemTime: deps.now(),
    LoggingDriver: settings.loggingDriver,
    CgroupDriver: cgroups.driver,
    CgroupVersion: v1 ? "1" : "2",
    NEventsListener: deps.eventListeners(),
    KernelVersion: host.kernelVersion,
    OperatingSystem: host.operatingSystem,
    OSVersion: host.osVersion,
    OSType: "linux",
    Architecture: host.machine,
    IndexServerAddress: "https://index.docker.io/v1/",
    RegistryConfig: registryConfig(settings),
    NCPU: host.cpus,
    MemTotal: host.memory,
    GenericResources: null,
    DockerRootDir: settings.dataRoot,
    HttpProxy: "",
    HttpsProxy: "",
    NoProxy: "",
    Name: host.hostname,
    Labels: settings.labels,
    ExperimentalBuild: false,
    ServerVersion: settings.version,
    // Clients look for runc by name; what runs is the launcher.
    Runtimes: { cloche: { path: "cloche-launcher" }, runc: { path: "cloche-launcher" } },
    DefaultRuntime: "runc",
    Swarm: {
      NodeID: "",
      NodeAddr: "",
      LocalNodeState: "inactive",
      ControlAvailable: false,
      Error: "",
      RemoteManagers: null,
    },
    LiveRestoreEnabled: true,
    Isolation: "",
    InitBinary: "cloche-launcher",
    ContainerdCommit: { ID: "" },
    RuncCommit: { ID: "" },
    InitCommit: { ID: "" },
    SecurityOptions: [
      "name=seccomp,profile=builtin",
      ...(settings.userNamespaces ? ["name=userns"] : []),
      ...(v1 ? [] : ["name=cgroupns"]),
    ],
    CDISpecDirs: [],
    DiscoveredDevices: [],
    Warnings: warningsOf(controllers, host),
  };
}

function countContainers(store: InfoDeps["store"]) {
  const statuses = store.all().map(({ record }) => record.state.status);
  const running = statuses.filter((status) => status === "running" || status === "restarting").length;
  const paused = statuses.filter((status) => status === "paused").length;
  return {
    Containers: statuses.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: statuses.length - running - paused,
  };
}

function controllersOf(layout: CgroupLayout): Set<string> {
  return new Set(
    layout.version === "v2" ? layout.controllers : layout.hierarchies.flatMap(({ controllers }) => controllers),
  );
}

function registryConfig({ registryMirrors, insecureRegistries }: InfoDeps["settings"]): object {
  const isCidr = (text: string) => text.includes("/");
  const index = (Name: string, Mirrors: string[], Secure: boolean) => ({ Name, Mirrors, Secure, Official: Secure });
  const hosts = insecureRegistries.filter((text) => !isCidr(text));
  return {
    InsecureRegistryCIDRs: ["::1/128", "127.0.0.0/8", ...insecureRegistries.filter(isCidr)],
    IndexConfigs: {
      "docker.io": index("docker.io", registryMirrors, true),
      ...Object.fromEntries(hosts.map((host) => [host, index(host, [], false)])),
    },
    Mirrors: registryMirrors,
  };
}

function warningsOf(controllers: Set<string>, host: HostFacts): string[] {
  const warnings = [];
  for (const [controller, what] of [
    ["memory", "memory limit"],
    ["cpu", "cpu cfs quota"],
    ["cpuset", "cpuset"],
    ["pids", "pids limit"],
  ] as const) {
    if (!controllers.has(controller)) warnings.push(`WARNING: No ${what} support`);
  }
  if (!host.ipv4Forwarding) warnings.push("WARNING: IPv4 forwarding is disabled");
  if (host.apparmor) warnings.push("WARNING: AppArmor is enabled, but containers run without a profile");
  return warnings;
}
