/** An exec: one more process in a running container, from its creation until it is forgotten. */
import type { ContainerRecord } from "../containers/container.ts";
import type { Streams } from "../containers/streams.ts";
import type { MonitorChannel } from "../ports.ts";

export type ExecConfig = {
  cmd: string[];
  tty: boolean;
  attachStdin: boolean;
  attachStdout: boolean;
  attachStderr: boolean;
  env: string[];
  workingDir: string;
  /** "" for the container's own */
  user: string;
  privileged: boolean;
  detachKeys: string | undefined;
  /** rows and columns of the terminal, [0, 0] if the client said nothing */
  consoleSize: [number, number];
};

export type Exec = {
  id: string;
  containerId: string;
  /** The container's process when the exec was made. */
  run: ContainerRecord["state"]["process"];
  config: ExecConfig;
  /** created -> running -> ended; a failed start ends too */
  state: "created" | "running" | "ended";
  /** null until it has ended */
  exitCode: number | null;
  /** as the host numbers it; 0 when it does not run */
  pid: number;
  streams: Streams;
  channel?: MonitorChannel;
};
