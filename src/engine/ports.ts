/**
 * All that the engine asks of the outside. Bodies are in host/; tests use fakes. A use case takes Pick<Ports, …>.
 */
import type { CgroupFeatures } from "../isolation/cgroups/features.ts";
import type { Plan } from "../isolation/plan.ts";
import type { CgroupLayout, NetworkSpec, ProcessRef, Resources } from "../isolation/spec.ts";

export type { CgroupFeatures };

export interface Ports {
  launcher: Launcher;
  layers: Layers;
  cgroups: Cgroups;
  processes: Processes;
  clock: Clock;
  /** 32 random bytes as 64 hex digits. */
  newId: () => string;
}

export interface Clock {
  /** RFC3339Nano in UTC, nanoseconds monotone within the process. */
  now(): string;
  /** milliseconds of a clock that never jumps, the same for all processes from boot to boot */
  monotonic(): number;
  delay(ms: number, signal?: AbortSignal): Promise<void>;
}

// -- launcher (host/launcher) ----------------------------------------------------------------------------------------

export type ExitRecord = {
  exitCode: number;
  signal: number;
  /** e.g. { oom_kill: 1 } */
  counters: Record<string, number>;
  finishedAt: string;
};

export type LaunchWarning = { index: number; op: string; object: string; errno: string };

export interface Launcher {
  /** Carry a plan out. Throws LaunchError when an operation failed (everything is undone then). */
  launch(plan: Plan): Promise<Launched>;
  /** Talk to the monitor of a running process by its socket. Throws EngineError not-found if nobody listens. */
  connect(socket: string): Promise<MonitorChannel>;
  /** The exit record of a process whose monitor has closed; undefined if the monitor died without writing one. */
  readExitRecord(path: string): Promise<ExitRecord | undefined>;
}

export class LaunchError extends Error {
  readonly op: string;
  readonly object: string;
  /** "ENOENT" … */
  readonly errno: string;
  readonly index: number;
  constructor(what: { op: string; object: string; errno: string; index: number }) {
    super(`${what.op} ${what.object}: ${what.errno}`);
    this.name = "LaunchError";
    this.op = what.op;
    this.object = what.object;
    this.errno = what.errno;
    this.index = what.index;
  }
}

export interface Launched {
  /** PID 1 of the container (or the exec'd process) as the host numbers it. */
  process: ProcessRef;
  monitorPid: number;
  warnings: LaunchWarning[];
  /** [op index, microseconds] for explain. */
  timings: [number, number][];
  /** fd 5: subscribed from the first byte on if the plan's stdio said `attached`. */
  channel: MonitorChannel;
  /** Resolves when the process has ended, whether or not this engine started it; undefined: monitor died unheard. */
  exit: Promise<ExitRecord | undefined>;
}

/** One connection to a monitor. */
export interface MonitorChannel {
  /** Frames 1 and 2, in order. Handlers are set before subscribe; `end` comes once: output drained or connection closed. */
  onOutput(handler: (stream: 1 | 2, data: Buffer) => void): void;
  onEnd(handler: () => void): void;
  /** Stop and go on reading (back-pressure from a slow attach client; the monitor cuts us off when 1 MiB behind). */
  pause(): void;
  resume(): void;
  /** 1 stdout, 2 stderr; 128: the process is held up while we are behind, rather than that we are cut off. */
  subscribe(mask: number): void;
  /** false when the socket's buffer is full: wait for drain. */
  writeStdin(data: Buffer): boolean;
  onDrain(handler: () => void): void;
  closeStdin(): void;
  resize(rows: number, cols: number): Promise<void>;
  /** Throws EngineError conflict when the process is gone (ESRCH). */
  signal(number: number): Promise<void>;
  /** A rotated log file is compressed (LogFiles.compress). Throws EngineError not-found when it was dropped meanwhile. */
  packed(inode: bigint): Promise<void>;
  close(): void;
  /** Resolves when the connection is closed, by either side. */
  closed: Promise<void>;
}

// -- layers (host/storage) -------------------------------------------------------------------------------------------

/** A container's own writable layer over an image's layers. */
export interface Layers {
  /** Make upper and work directories for a container over the image's chain (bottom first diff ids); idempotent. */
  createContainerLayer(containerId: string, diffIds: string[]): Promise<ContainerLayer>;
  removeContainerLayer(containerId: string): Promise<void>;
  /** Keep an image's layers for a container that mounts them, as long as its own layer is there. */
  keepImageLayers(containerId: string, diffIds: string[]): Promise<ImageLayers>;
  /** Bytes in the upper directory (SizeRw). */
  containerLayerSize(containerId: string): Promise<number>;
  /** Bytes of all image layers (SizeRootFs is this plus SizeRw). */
  imageLayersSize(diffIds: string[]): Promise<number>;
  /**
   * Read a small file of the merged view of a container's layers without mounting: upper first, then lowers, following
   * symlinks inside the root only, never a FIFO or device. undefined if missing. At most `maxBytes` (default 1 MiB).
   */
  readMerged(containerId: string, path: string, maxBytes?: number): Promise<Buffer | undefined>;
  /** Kind of a path in the merged view, symlinks followed inside the root. */
  statMerged(
    containerId: string,
    path: string,
  ): Promise<{ kind: "dir" | "file" | "other"; mode: number; uid: number; gid: number } | undefined>;
}
/** Top first, at least two (overlayfs wants them, where nothing can be written); paths relative to base. */
export type ImageLayers = { base: string; lowers: string[] };
/** paths of lowers, upper, work relative to base */
export type ContainerLayer = { base: string; lowers: string[]; upper: string; work: string };

// -- cgroups of running containers (host/cgroup) ---------------------------------------------------------------------

export interface Cgroups {
  layout: CgroupLayout;
  /** Ready the parents of a cgroup before a plan makes it: v2's controllers passed on, v1's cpuset inherited. */
  prepare(path: string): Promise<void>;
  /** What limits the host can set; makes the parent cgroup ("/docker") to see it. */
  features(parent: string): Promise<CgroupFeatures>;
  update(path: string, resources: Resources): Promise<void>;
  freeze(path: string): Promise<void>;
  thaw(path: string): Promise<void>;
  /** all host PIDs in the cgroup and below */
  pids(path: string): Promise<number[]>;
  /** undefined when the cgroup is gone. */
  sample(path: string): Promise<CgroupSample | undefined>;
  /** Remove what a dead monitor left. */
  remove(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
}
/** Raw numbers, version-neutral. CPU in nanoseconds, memory in bytes. */
export type CgroupSample = {
  readAt: string;
  cpu: {
    total: number;
    user: number;
    system: number;
    perCpu?: number[];
    periods: number;
    throttledPeriods: number;
    throttledTime: number;
  };
  memory: { usage: number; maxUsage?: number; limit: number; failcnt?: number; stats: Record<string, number> };
  pids: { current: number; limit?: number };
  blkio: {
    op: "Read" | "Write" | "Sync" | "Async" | "Discard" | "Total" | string;
    major: number;
    minor: number;
    bytes: number;
    ios: number;
  }[];
};

// -- host processes (host/observe) -----------------------------------------------------------------------------------

export interface Processes {
  /** undefined when there is no such process; startTime in ticks. */
  identify(pid: number): Promise<ProcessRef | undefined>;
  isAlive(ref: ProcessRef): Promise<boolean>;
  /** /proc/net/dev of the process: bytes, packets, errors, drops per interface (lo left out). */
  networkCounters(pid: number): Promise<Record<string, NetworkCounters>>;
  /** USER_HZ-based total of all CPUs in nanoseconds, and how many are online. */
  hostCpu(): Promise<{ total: number; online: number }>;
  hostMemory(): number;
}
export type NetworkCounters = {
  rx_bytes: number;
  rx_packets: number;
  rx_errors: number;
  rx_dropped: number;
  tx_bytes: number;
  tx_packets: number;
  tx_errors: number;
  tx_dropped: number;
};

// -- networks (engine/networks uses host/net) ------------------------------------------------------------------------

export type EndpointRequest = {
  containerId: string;
  /** container's short name for DNS */
  name: string;
  hostname: string;
  aliases: string[];
  ipv4?: string;
  ipv6?: string;
  mac?: string;
  /** Which of several networks gives the default route: the highest. */
  gwPriority?: number;
};
/** What a started container has on one network; kept in its record, shown by inspect. */
export type Endpoint = {
  networkId: string;
  networkName: string;
  endpointId: string;
  ipv4: string;
  prefixLength: number;
  gateway: string;
  ipv6: string;
  ipv6PrefixLength: number;
  ipv6Gateway: string;
  mac: string;
  aliases: string[];
  dnsNames: string[];
  /** host side interface */
  hostInterface: string;
};
export type PublishedPort = { proto: "tcp" | "udp" | "sctp"; containerPort: number; hostIp: string; hostPort: number };

/** Owned by engine/networks; used by containers/start and on-exit. */
export interface Connector {
  /**
   * Allocate addresses on each network and choose host ports (0 = pick one); returns what the plan needs. Nothing in
   * the kernel is changed yet but reservations; `release` undoes all, at any time, idempotent.
   */
  prepare(request: {
    endpoints: (EndpointRequest & { network: string })[];
    ports: {
      proto: "tcp" | "udp" | "sctp";
      containerPort: number;
      hostIp: string;
      hostPort: number | [number, number];
    }[];
  }): Promise<{ endpoints: Endpoint[]; ports: PublishedPort[]; spec: NetworkSpec }>;
  /** After the process has started: nft rules of the published ports, DNS names. */
  activate(containerId: string, process: ProcessRef, endpoints: Endpoint[], ports: PublishedPort[]): Promise<void>;
  release(containerId: string): Promise<void>;
}

// -- volumes (engine/volumes) ----------------------------------------------------------------------------------------

export interface Volumes {
  /** Find or make a volume (name "" = anonymous, 64 hex); returns its host directory. */
  acquire(
    name: string,
    containerId: string,
    options?: {
      driver?: string;
      driverOpts?: Record<string, string>;
      labels?: Record<string, string>;
      anonymous?: boolean;
    },
  ): Promise<{ name: string; mountpoint: string; created: boolean; driver: string }>;
  /** Forget that the container uses it; with removeAnonymous, anonymous ones that nobody uses are deleted. */
  release(containerId: string, removeAnonymous: boolean): Promise<void>;
  /**
   * Fill an empty volume from what the container's root has at `path`, owners and modes included (docker's copy-up;
   * not with nocopy). A volume that holds something, and a path that is no directory, are left.
   * @param mountpoint an empty host directory on which the root may be mounted meanwhile (RootfsSpec's)
   */
  populate(name: string, layer: ContainerLayer, mountpoint: string, path: string): Promise<void>;
  /** Docker's volume events: the container has started, or ended, with these volumes. */
  started(containerId: string, uses: { name: string; destination: string; readonly: boolean }[]): void;
  stopped(containerId: string, names: string[]): void;
}

// -- json-file logs (host/logs) ---------------------------------------------------------------------------------------

export interface LogFiles {
  /** Oldest first: the rotated ones, unpacked if need be, then the one that is written to; [] if there is none. */
  open(path: string): Promise<LogFile[]>;
  /** Is this the file that is written to? Also true when there is none any more. */
  isCurrent(path: string, inode: number): Promise<boolean>;
  /** Calls back on each change (growth; rotation, which is a move) until the returned function is called. */
  watch(path: string, changed: (change: "written" | "moved") => void): () => void;
  /** Gzip what has been rotated, by way of PATH.INODE.tmp. @param place puts it into its place; needed while somebody rotates */
  compress(path: string, place?: (inode: bigint) => Promise<void>): Promise<void>;
}
/** An open file: it stays the same one, and readable, when it is renamed or removed. */
export interface LogFile {
  readonly inode: number;
  /** Size of the text now, bytes. */
  size(): Promise<number>;
  /** @returns how many bytes were read; 0 at the end of what there is */
  read(into: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}
