/**
 * What a container shall be, in Linux's and OCI's words. engine/containers/to-isolation-spec.ts makes it from Docker's
 * HostConfig; compile.ts makes the plan from it. All ids are resolved, all host paths absolute, all sizes bytes.
 */
/** A process whose namespaces are joined. startTime: field 22 of /proc/PID/stat, guards against PID reuse. */
export type ProcessRef = { pid: number; startTime: number };

/** new: a namespace of its own; host: stay in the engine's; else join that process's. */
export type NamespaceSpec = "new" | "host" | ProcessRef;

export type Namespaces = {
  pid: NamespaceSpec;
  mnt: "new";
  uts: NamespaceSpec;
  ipc: NamespaceSpec;
  net: NamespaceSpec;
  cgroup: "new" | "host";
  /** absent: the host's user namespace. */
  user?: UserNamespace;
};
export type UserNamespace = {
  /** ids as in uid_map lines */
  uidMap: IdMap[];
  gidMap: IdMap[];
  /**
   * Where layers, volumes and other files lie whose owners are those inside: seen through an id-mapped mount. Other binds
   * show the host's owners. Absent: nothing is mapped, and the child makes all mounts with the power that it has.
   */
  idMapped?: string;
  /**
   * Not a new one, but this process's, which has these maps. Whose PID, IPC or network namespace is joined owns it by its user
   * namespace, and only who is in that one can enter (setns(2)).
   */
  of?: ProcessRef;
};
export type IdMap = { containerId: number; hostId: number; size: number };

/** Lower layers top first, paths relative to `base`. */
export type OverlayRootfs = {
  type: "overlay";
  base: string;
  lowers: string[];
  upper: string;
  work: string;
  volatile: boolean;
};
export type RootfsSpec = {
  source: OverlayRootfs | { type: "directory"; path: string };
  /** Empty host directory on which the root is mounted, seen only in the container's own mount namespace. */
  mountpoint: string;
  readonly: boolean;
};

export type Propagation = "private" | "rprivate" | "slave" | "rslave" | "shared" | "rshared";
export type MountSpec =
  | {
      type: "bind";
      source: string;
      subpath?: string;
      /** What is bound: these layers as one, read-only; `source` is an empty directory to mount them on. */
      layers?: { base: string; lowers: string[] };
      target: string;
      readonly: boolean;
      /** recursive bind (docker: unless bind-nonrecursive). */
      recursive: boolean;
      /** read-only submounts too: "no" | "if-possible" | "force". */
      recursiveReadonly: "no" | "if-possible" | "force";
      propagation: Propagation;
      /** what the source is: decides what is made at a missing target. */
      sourceKind: "dir" | "file";
      /** nosuid, nodev, noexec … for volumes with options. */
      options?: string[];
    }
  | { type: "tmpfs"; target: string; options: string[] };

export type DeviceNode = {
  path: string;
  type: "c" | "b";
  major: number;
  minor: number;
  mode: number;
  uid: number;
  gid: number;
};
export type DeviceRule = {
  allow: boolean;
  type: "a" | "c" | "b";
  major: number | "*";
  minor: number | "*";
  access: string;
};

export type CgroupVersion = "v1" | "v2";
/** The host's hierarchies, as host/cgroup finds them in /proc/self/mountinfo. */
export type CgroupLayout =
  | {
      version: "v1" /** one per hierarchy: controllers it carries and where it is mounted; name=systemd is { controllers: ["name=systemd"] }. unified: the v2 mount of a hybrid host */;
      hierarchies: { controllers: string[]; mountpoint: string }[];
      unified?: string;
    }
  | { version: "v2"; mountpoint: string; controllers: string[] };

export type Resources = {
  /** CPU quota in microseconds per period; 0 or absent: none. */
  cpuQuota?: number;
  cpuPeriod?: number;
  cpuShares?: number;
  cpuRealtimeRuntime?: number;
  cpuRealtimePeriod?: number;
  cpusetCpus?: string;
  cpusetMems?: string;
  memory?: number;
  memoryReservation?: number;
  /** memory + swap as docker means it; -1 unlimited. */
  memorySwap?: number;
  memorySwappiness?: number;
  oomKillDisable?: boolean;
  pidsLimit?: number;
  blkioWeight?: number;
  blkioWeightDevice?: { major: number; minor: number; weight: number }[];
  blkioThrottle?: {
    kind: "read_bps" | "write_bps" | "read_iops" | "write_iops";
    major: number;
    minor: number;
    rate: number;
  }[];
};

export type CgroupSpec = {
  layout: CgroupLayout;
  /** path below each hierarchy's mount point, such as /docker/<id>; checked to stay inside. */
  path: string;
  resources: Resources;
  /** absent: all devices (privileged). */
  deviceRules?: DeviceRule[];
};

export type Rlimit = {
  resource: string;
  soft: number;
  hard: number /** asked for by the user: failing to set it fails the start */;
  required: boolean;
};

export type ProcessSpec = {
  argv: string[];
  env: string[];
  cwd: string;
  uid: number;
  gid: number;
  groups: number[];
  /** names without CAP_ prefix, e.g. "NET_BIND_SERVICE". */
  capabilities: {
    bounding: string[];
    effective: string[];
    permitted: string[];
    inheritable: string[];
    ambient: string[];
  };
  noNewPrivileges: boolean;
  rlimits: Rlimit[];
  oomScoreAdj?: number;
  umask?: number;
  /** compiled program or null for unconfined. */
  seccomp: { program: Uint8Array; flags: number } | null;
  terminal: { rows: number; cols: number } | null;
  stdin: boolean;
  stdinOnce: boolean;
  /** docker's --init */
  init: boolean;
};

/** Where the monitor keeps what it writes; all host paths below the exec root but for the log. */
export type MonitorSpec = {
  socket: string;
  exitRecord: string;
  /** null: log driver none (or an exec'd process). */
  log: {
    path: string;
    maxSize: number;
    maxFiles: number;
    compress: boolean /** JSON object text of log attributes, "" if none */;
    attrs: string;
  } | null;
  /** Host ids that the pipes belong to: of the user namespace's root. */
  owner?: { uid: number; gid: number };
  /** An attach client waits: subscribe the channel before the first byte. */
  attached: boolean;
};

/** Netlink work for a container with a network namespace of its own: encoded in kernel/netlink.ts, chosen by host/net. */
export type NetworkSpec = {
  /** in the host's netns after clone; container netns is fd 64. */
  host: { label: string; messages: Uint8Array }[];
  /** in the container's netns. */
  container: { label: string; messages: Uint8Array; optional?: boolean }[];
};

export type IsolationSpec = {
  hostname: string;
  domainname: string;
  namespaces: Namespaces;
  rootfs: RootfsSpec;
  /** in mount order, after the defaults; a target equal to a default's replaces it (e.g. tmpfs on /dev/shm). */
  mounts: MountSpec[];
  shmSize: number;
  devices: DeviceNode[];
  /** all host devices (docker's privileged). */
  privileged: boolean;
  maskedPaths: string[];
  readonlyPaths: string[];
  /** name (net.ipv4.ip_forward) -> value */
  sysctls: Record<string, string>;
  cgroup: CgroupSpec;
  network: NetworkSpec;
  process: ProcessSpec;
  monitor: MonitorSpec;
};

/** A process exec'd into a running container. */
export type ExecSpec = {
  target: ProcessRef;
  /** namespaces the target has of its own, to join; user first. */
  namespaces: { pid: boolean; mnt: boolean; uts: boolean; ipc: boolean; net: boolean; cgroup: boolean; user: boolean };
  cgroup: { layout: CgroupLayout; path: string };
  /** Somebody in the PID namespace may have CAP_SYS_PTRACE: what comes in shall have no power left. */
  mayBeTraced: boolean;
  process: ProcessSpec;
  monitor: MonitorSpec;
};
