/** What changes while one looks: messages of GET /cloche/v1/stream, and a container's history (docs/glass-api.md). */
import type { EndpointSettings } from "./container.ts";
import type { CgroupsAnswer, MapAnswer, OomAnswer, PressureView } from "./glass.ts";

/** Topics of the stream; `map:ID` beside them. */
export const TOPICS = ["containers", "samples", "events", "oom", "processes", "cgroups"] as const;
export type Topic = (typeof TOPICS)[number] | `map:${string}`;

/** Between two samples while somebody looks, ms. */
export const TICK_MS = 1000;

/** By name of the server-sent event: the JSON in its `data`. */
export type StreamMessages = {
  /** the first message of every stream */
  hello: Hello;
  containers: ContainersMessage;
  samples: SamplesMessage;
  /** docker's event message */
  events: DockerEvent;
  /** a kill that has just been seen, in a container that goes on or has ended */
  oom: OomAnswer;
  /** the process list of one container: MapAnswer.id tells which */
  map: MapAnswer;
  processes: ProcessesMessage;
  cgroups: CgroupsAnswer;
  /** a topic that cannot be served any longer, or for now */
  trouble: { topic: string; reason: string };
};

export type Hello = {
  topics: string[];
  /** of the engine's clock, Unix milliseconds: `at` of samples is by the same clock */
  at: number;
  cpus: number;
  /** bytes */
  memory: number;
  cgroupVersion: "v1" | "v2";
  /** milliseconds between two samples */
  tick: number;
  /** started with --lab */
  lab: boolean;
};

/** full: this is all there is, forget what you had. Else `containers` replaces those with the same Id, `gone` are removed. */
export type ContainersMessage = { full: boolean; containers: LiveEntry[]; gone: string[] };

/** Docker's entry of GET /containers/json?all=1, and what that has no words for. */
export type LiveEntry = {
  Id: string;
  /** with a slash before each */
  Names: string[];
  Image: string;
  ImageID: string;
  Command: string;
  /** Unix seconds */
  Created: number;
  Ports: { IP?: string; PrivatePort: number; PublicPort?: number; Type: string }[];
  Labels: Record<string, string>;
  State: string;
  /** "Up 2 minutes": as of the message; startedAt does not grow old */
  Status: string;
  HostConfig: { NetworkMode: string; Annotations?: Record<string, string> };
  NetworkSettings: { Networks: Record<string, EndpointSettings> };
  Mounts: {
    Type: string;
    Name?: string;
    Source: string;
    Destination: string;
    Driver?: string;
    Mode: string;
    RW: boolean;
    Propagation: string;
  }[];
  cloche: {
    /** PID 1 of the container on the host; absent when it does not run */
    pid?: number;
    cgroupPath: string;
    /** RFC 3339; absent: never */
    startedAt?: string;
    finishedAt?: string;
    exitCode: number;
    error: string;
    oomKilled: boolean;
    health: "none" | "starting" | "healthy" | "unhealthy";
    tty: boolean;
    /** it can be typed into: attach with stdin */
    openStdin: boolean;
    autoRemove: boolean;
    restartPolicy: string;
    restartCount: number;
    /** as asked for; absent: no limit, or the kernel's default */
    limits: Limits;
  };
};

export type Limits = {
  /** of one CPU, billionths: 1.5 CPUs are 1500000000; made of quota and period where these were given */
  nanoCpus?: number;
  cpuShares?: number;
  cpusetCpus?: string;
  /** bytes */
  memory?: number;
  memoryReservation?: number;
  /** memory and swap together; -1: as much swap as there is */
  memorySwap?: number;
  pids?: number;
  blkioWeight?: number;
};

export type DockerEvent = {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  scope: string;
  /** Unix seconds */
  time: number;
  timeNano: number;
};

/** Rates are per second between this sample and the one before; absent in the first of a run. */
export type ContainerSample = {
  id: string;
  /** Unix milliseconds */
  at: number;
  cpu: {
    /** nanoseconds since its start */
    usage: number;
    user: number;
    system: number;
    /** CPUs in use: 1.5 is one and a half */
    cores?: number;
    /** percent of all CPUs of the host together, 0 to 100 */
    ofHost?: number;
    /** the quota, in CPUs; absent: none */
    limit?: number;
    /** percent of that quota */
    ofLimit?: number;
    /** periods of the quota so far, those in which it was throttled, and how long (nanoseconds) */
    periods: number;
    throttledPeriods: number;
    throttled: number;
    /** percent of the periods since the sample before in which it was throttled; absent: no period passed */
    throttledShare?: number;
  };
  memory: {
    /** bytes, page cache included */
    usage: number;
    /** without what the kernel would take back first (inactive_file): docker's MEM USAGE */
    workingSet: number;
    /** bytes; absent: none */
    limit?: number;
    /** percent: working set of the limit, of the host's memory */
    ofLimit?: number;
    ofHost: number;
    peak?: number;
    /** processes killed by the kernel so far */
    oomKills?: number;
    /** by kind, bytes: processes' own, files, the kernel's */
    anonymous?: number;
    file?: number;
    kernel?: number;
  };
  pids: { current: number; limit?: number };
  /** block devices: bytes and requests since its start */
  io: {
    read: number;
    written: number;
    reads: number;
    writes: number;
    readRate?: number;
    writtenRate?: number;
  };
  /** all interfaces but lo; absent: it has no network of its own */
  network?: {
    received: number;
    sent: number;
    packetsReceived: number;
    packetsSent: number;
    receivedRate?: number;
    sentRate?: number;
  };
  /** absent where the kernel has none: CgroupsAnswer.noPressure says why */
  pressure?: { cpu?: PressureView; memory?: PressureView; io?: PressureView };
};

export type HostSample = {
  at: number;
  cpus: number;
  /** percent of all CPUs together, 0 to 100; absent in the first sample */
  cpu?: number;
  /** bytes; available: MemAvailable of /proc/meminfo */
  memory: { total: number; available: number };
  /** over 1, 5 and 15 minutes */
  load: [number, number, number];
  pressure?: { cpu?: PressureView; memory?: PressureView; io?: PressureView };
};

/** Each second while somebody listens: the host, and each container that runs. */
export type SamplesMessage = { at: number; host: HostSample; containers: ContainerSample[] };

/** Oldest first: each second while somebody looks, else each ten; five minutes at most. reason: why there is none. */
export type HistoryAnswer = { id: string; name: string; samples: ContainerSample[]; reason?: string };

/** full: this is all there is. Else `processes` replaces those with the same pid, `gone` have ended. */
export type ProcessesMessage = {
  full: boolean;
  processes: HostProcess[];
  gone: number[];
  /** processes that could not be read in /proc */
  unreadable: number;
};

/** A process of the host, in few words; kernel threads are left out. */
export type HostProcess = {
  pid: number;
  ppid: number;
  /** its numbers, the host's first: NSpid of proc_pid_status(5) */
  pids: number[];
  /** the host's user id, and its name in the host's /etc/passwd ("" if it has none there) */
  uid: number;
  user: string;
  command: string;
  /** Unix milliseconds, exact to 10 ms */
  startedAt: number;
  /** whose it is, as text: a container's name, "docker:78b0c96fe3b0", "host" */
  owner: string;
  /** id, for containers of this engine */
  container?: string;
};

/** Of a container: names of the steps that are left out of its plan, with commas between. A lab's engine only. */
export const LAB_ANNOTATION = "cloche.lab.without";

/** look: what a shell inside can print to show the difference. */
export type LabAnswer = { lab: boolean; steps: { name: string; leaks: string; look: string }[] };
