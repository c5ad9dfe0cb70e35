/**
 * All that the engine asks of the outside. Bodies are in host/; tests use fakes. A use case takes Pick<Ports, …>.
 */
import type { Cgroups } from "./ports/cgroups.ts";
import type { Launcher } from "./ports/launcher.ts";
import type { Layers } from "./ports/layers.ts";
import type { Processes } from "./ports/processes.ts";

export * from "./ports/cgroups.ts";
export * from "./ports/connector.ts";
export * from "./ports/launcher.ts";
export * from "./ports/layers.ts";
export * from "./ports/log-files.ts";
export * from "./ports/processes.ts";
export * from "./ports/volumes.ts";

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
