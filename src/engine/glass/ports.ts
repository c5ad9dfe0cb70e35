/** What the glass asks of the host: /proc and the cgroup file systems, read only. */
import type { CgroupNode, NamespaceKind } from "../../wire/glass.ts";

/** A process as /proc has it. */
export type Observed = {
  pid: number;
  ppid: number;
  /** NSpid: the host's number first */
  pids: number[];
  command: string;
  state: string;
  uid: number;
  gid: number;
  /** lines of uid_map and gid_map */
  uidMap: IdRange[];
  gidMap: IdRange[];
  /** inodes; a kind that this kernel lacks, or that may not be read, is absent */
  namespaces: Partial<Record<NamespaceKind, number>>;
  cgroups: { controllers: string; path: string }[];
  capabilities: Record<"effective" | "permitted" | "bounding" | "inheritable" | "ambient", bigint>;
  seccomp: number;
  seccompFilters: number;
  noNewPrivileges: boolean;
  threads: number;
  memory: number;
  cpuMilliseconds: number;
  startTime: number;
};
export type IdRange = { inside: number; outside: number; size: number };

export interface GlassHost {
  /** undefined: no such process */
  process(pid: number): Promise<Observed | undefined>;
  /** All that can be read; kernel threads are left out. */
  processes(): Promise<{ seen: Observed[]; unreadable: number }>;
  /** For looking again and again: see ProcessWatch. */
  watchProcesses(): ProcessWatch;
  /** A user's name in the host's /etc/passwd; "" if it has none there. */
  userName(uid: number): string;
  /** Unix seconds at which the host was started. */
  bootTime(): number;
  /** Namespaces of the host, as its first process has them; of the engine's where that may not be read. */
  hostNamespaces(): Promise<Partial<Record<NamespaceKind, number>>>;
  /** The whole tree, parents first. */
  cgroups(): Promise<{ nodes: CgroupNode[]; noPressure?: string }>;
  /** For looking at it again and again: see CgroupWatch. */
  watchCgroups(): CgroupWatch;
  /** One cgroup; undefined when it is gone. */
  cgroup(path: string): Promise<CgroupNode | undefined>;
  /** Nanoseconds of a clock that never jumps. */
  monotonic(): number;
  cpus(): number;
}

export type ProcessWatch = {
  /**
   * All processes but kernel threads, at a small part of the cost of processes(). What is the same object as before has not changed
   * but in what always changes: state, threads, memory and CPU time are as of the first look. Who has come and gone is of now; an
   * execve is noticed within three looks, a change of user or namespaces without one within thirty.
   */
  look(): Promise<{ seen: Observed[]; unreadable: number }>;
};

export type CgroupWatch = {
  /**
   * As cgroups(), at a tenth of the cost. Of a cgroup whose processes have not run since the last look, numbers may be as of nine
   * looks ago, of the processes in the root itself as of four; cgroups made by others are noticed within ten.
   * @param asked.changed cgroups were made or removed
   */
  look(asked: { changed: boolean }): Promise<{ nodes: CgroupNode[]; noPressure?: string }>;
  close(): void;
};
