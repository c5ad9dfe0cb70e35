/** host/launcher: plans are carried out, monitors are talked to. */
import type { Duplex } from "node:stream";
import type { Plan } from "../../isolation/plan.ts";
import type { ProcessRef } from "../../isolation/spec.ts";
import type { PlaceKeeper } from "./cgroups.ts";

export type ExitRecord = {
  exitCode: number;
  signal: number;
  /** e.g. { oom_kill: 1 } */
  counters: Record<string, number>;
  finishedAt: string;
};

export type LaunchWarning = { index: number; op: string; object: string; errno: string };

export interface Launcher {
  /**
   * Carry a plan out. Throws LaunchError when an operation failed (everything is undone then).
   * @param placeKeeper called for a plan's cgroup_keep; what it throws is thrown when everything is undone
   */
  launch(plan: Plan, placeKeeper?: PlaceKeeper): Promise<Launched>;
  /** The same for a plan with channel_stdio: what the process reads and writes is the stream, in place of the monitor's frames. */
  launchStream(plan: Plan): Promise<LaunchedStream>;
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

/** @property stream to be destroyed by whoever launched */
export type LaunchedStream = Pick<Launched, "monitorPid" | "exit"> & { stream: Duplex };

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
