/** The glass API's answers, /cloche/v1/… (docs/glass-api.md): what a container is made of, and what the host sees of it. */

/** One kernel operation in words. */
export type PlanRow = {
  /** position in the plan, as timings and errors name it */
  index: number;
  stage: string;
  /** the operation itself; byte strings as { bytes: number, hex: string } */
  op: { op: string } & Record<string, unknown>;
  sentence: string;
  /** "mount(2)" */
  manPage: string;
  /** the nearest command that a person could type */
  shell: string;
  /** what must have happened before, and why */
  dependsOn?: string;
  /** how long it took when it ran; absent for what has not run, or not been measured (stage exit) */
  microseconds?: number;
};
/** Neighbours of the same stage and phase; a phase comes again when the plan comes back to it. */
export type PlanPhase = { stage: string; phase: string; microseconds?: number; rows: PlanRow[] };
export type PlanAnswer = {
  /** "" for a dry run */
  id: string;
  name: string;
  /** false: compiled only, nothing was started */
  ran: boolean;
  startedAt?: string;
  operations: number;
  microseconds?: number;
  phases: PlanPhase[];
};

export const NAMESPACES = ["user", "mnt", "pid", "uts", "ipc", "net", "cgroup", "time"] as const;
export type NamespaceKind = (typeof NAMESPACES)[number];

/** Whose a process is, by its cgroup's path. */
export type Owner = {
  kind: "host" | "cloche" | "docker" | "podman" | "kubernetes" | "containerd" | "lxc" | "nspawn" | "unknown";
  /** container id as the engine has it; for Kubernetes that of the container in its pod */
  id?: string;
  /** known for this engine's containers only */
  name?: string;
  /** Kubernetes' pod uid */
  pod?: string;
  /** what was concluded from what: "its cgroup is /docker/ID", … */
  because: string;
};

/** One process, from both sides. */
export type ProcessView = {
  pid: number;
  ppid: number;
  /** its numbers, outermost (the host's) first, and the PID namespace of each; inode is absent where nobody stands for it */
  pids: { pid: number; namespace?: number }[];
  command: string;
  state: string;
  /** the real user: as the host counts, and as the process's user namespace does (absent: not mapped) */
  user: { outside: number; inside?: number };
  group: { outside: number; inside?: number };
  /** by inode; host: the same as the host's (then `with` is empty); with: other containers with a process in there */
  namespaces: { kind: NamespaceKind; inode: number; host: boolean; with: string[] }[];
  /** controllers ("" for v2) and path */
  cgroups: { controllers: string; path: string }[];
  capabilities: {
    effective: string[];
    permitted: string[];
    bounding: string[];
    inheritable: string[];
    ambient: string[];
  };
  seccomp: { mode: "none" | "strict" | "filter"; filters: number };
  noNewPrivileges: boolean;
  threads: number;
  /** bytes */
  memory: number;
  /** CPU time since its start, milliseconds */
  cpuMilliseconds: number;
  /** ticks after boot: with the PID the name of a process that is never given twice */
  startTime: number;
};
export type MapAnswer = { id: string; name: string; status: string; reason?: string; processes: ProcessView[] };

/** A limit in both dialects; value absent: none. */
export type LimitView = { name: string; file: string; value: string; at: string };
export type WhoisAnswer = {
  process: ProcessView;
  owner: Owner;
  /** one sentence for each wall between it and the host; `holds` is false where there is none */
  isolation: { what: string; holds: boolean; detail: string }[];
  limits: LimitView[];
};

export type NamespaceRow = {
  kind: NamespaceKind;
  inode: number;
  host: boolean;
  processes: number;
  /** the lowest PID in it, and its command */
  first: { pid: number; command: string };
  owners: string[];
};
export type NamespacesAnswer = { namespaces: NamespaceRow[]; unreadable: number };

/** Percentages as the kernel averages them over 10, 60 and 300 seconds; total: microseconds. */
export type Pressure = { avg10: number; avg60: number; avg300: number; total: number };
export type PressureView = { some?: Pressure; full?: Pressure };

/** A cgroup: what is absent has no controller or no limit. CPU in nanoseconds, memory in bytes. */
export type CgroupNode = {
  path: string;
  /** our container's name, or what the path says of another engine's */
  owner?: string;
  /** processes in it and below */
  processes: number;
  cpu?: {
    usage: number;
    /** microseconds per period; absent: unlimited */
    quota?: number;
    period?: number;
    periods?: number;
    throttledPeriods?: number;
    throttled?: number;
  };
  memory?: {
    usage: number;
    limit?: number;
    peak?: number;
    failures?: number;
    oomKills?: number;
    inactiveFile?: number;
  };
  pids?: { current: number; limit?: number };
  io?: { read: number; written: number };
  pressure?: { cpu?: PressureView; memory?: PressureView; io?: PressureView };
};
export type CgroupsAnswer = {
  version: "v1" | "v2";
  /** nanoseconds of a clock that never jumps, and how many CPUs the host has: for percentages between two answers */
  at: number;
  cpus: number;
  /** absent: pressure is there; else why not */
  noPressure?: string;
  /** each number's file in both dialects */
  files: { number: string; v1: string; v2: string }[];
  nodes: CgroupNode[];
};

/** What is known of the kernel's kills for memory in one run of a container; what is not known says so. */
export type OomReport = {
  kills: number;
  /** still running: the numbers are of now, else of the moment after the last process ended */
  running: boolean;
  finishedAt?: string;
  limit?: number;
  peak?: number;
  /** how often an allocation met the limit */
  limitHits?: number;
  /** the cgroup that ran out */
  cgroup: { which: "own" | "above" | "unknown"; path: string; because: string };
  /** PID 1 of the container */
  first: {
    pidOutside?: number;
    pidInside: number;
    command: string;
    fate: "survived" | "killed" | "running" | "unknown";
  };
  victims: string;
  exitCode?: number;
  /** why the exit code is what it is, in a sentence */
  exit: string;
  unknown: string[];
};
export type OomAnswer = { id: string; name: string; report: OomReport | null };

/** All reports that are known: of runs that have ended, and of containers that go on after a kill. */
export type OomReportsAnswer = { reports: OomAnswer[] };

export * from "./glass-live.ts";
