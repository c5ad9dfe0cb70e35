/** Health checks: a command run in the container again and again, whose exit code tells how the container is. */
import type { HealthConfig, HealthState } from "../../wire/container.ts";
import type { EventBus } from "../events.ts";
import type { Clock } from "../ports.ts";
import type { Container, ContainerStore } from "./container.ts";
import { publish } from "./publish.ts";

export type Probe = (
  container: Container,
  command: string[],
  options: { timeoutMs: number; maxOutput: number; signal: AbortSignal },
) => Promise<{ exitCode: number; output: string }>;

export type HealthDeps = {
  store: Pick<ContainerStore, "save">;
  events: EventBus;
  clock: Clock;
  /** Run a command in the container (execs/probe.ts); exit code -1 when it took too long. */
  probe: Probe;
};

export type HealthMonitor = {
  /** The container runs (or ran already when this engine started). */
  started(container: Container): void;
  stopped(container: Container): void;
};

/** Docker keeps the last five results, 4096 bytes of output each. */
const RESULTS = 5;
const MAX_OUTPUT = 4096;
const MS = 1_000_000;
const DEFAULTS = { interval: 30_000, timeout: 30_000, startPeriod: 0, startInterval: 5_000, retries: 3 };

export function createHealthMonitor(deps: HealthDeps): HealthMonitor {
  const running = new Map<string, AbortController>();
  return {
    started(container) {
      const { id, config } = container.record;
      const command = probeCommand(config.Healthcheck, config.Shell);
      if (!command) return;
      running.get(id)?.abort();
      const stop = new AbortController();
      running.set(id, stop);
      container.record.state.health = { Status: "starting", FailingStreak: 0, Log: [] };
      void watch(deps, container, command, stop.signal);
    },
    stopped({ record }) {
      running.get(record.id)?.abort();
      running.delete(record.id);
    },
  };
}

/** @returns the words to execute; undefined if there is no check */
export function probeCommand(check: HealthConfig | undefined, shell: string[] | undefined): string[] | undefined {
  const [kind, ...words] = check?.Test ?? [];
  if (kind === "CMD" && words.length > 0) return words;
  if (kind === "CMD-SHELL") return [...(shell?.length ? shell : ["/bin/sh", "-c"]), words[0] ?? ""];
  return undefined;
}

async function watch(deps: HealthDeps, container: Container, command: string[], signal: AbortSignal): Promise<void> {
  const times = timesOf(container.record.config.Healthcheck ?? {});
  const begun = deps.clock.monotonic();
  const inStartPeriod = () => deps.clock.monotonic() - begun < times.startPeriod;
  while (!signal.aborted) {
    const starting = container.record.state.health?.Status === "starting" && inStartPeriod();
    const aborted = await deps.clock.delay(starting ? times.startInterval : times.interval, signal).then(
      () => false,
      () => true,
    );
    if (aborted) return;
    // A frozen container cannot answer, and is not to blame for it.
    if (container.record.state.status !== "running") continue;
    const result = await probeOnce(deps, container, command, { timeoutMs: times.timeout, signal });
    if (signal.aborted) return;
    note(deps, container, result, { retries: times.retries, lenient: inStartPeriod() });
  }
}

type Result = HealthState["Log"][number];

async function probeOnce(
  { clock, probe }: HealthDeps,
  container: Container,
  command: string[],
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<Result> {
  const Start = clock.now();
  try {
    const { exitCode, output } = await probe(container, command, { ...options, maxOutput: MAX_OUTPUT });
    const late = exitCode < 0 ? `Health check exceeded timeout (${options.timeoutMs / 1000}s)` : "";
    const Output = late ? (output ? `${late}: ${output}` : late) : output;
    return { Start, End: clock.now(), ExitCode: exitCode, Output };
  } catch (error) {
    return { Start, End: clock.now(), ExitCode: -1, Output: (error as Error).message };
  }
}

/** @param options.lenient failures do not count yet (start period) */
function note(
  { store, events }: HealthDeps,
  container: Container,
  result: Result,
  options: { retries: number; lenient: boolean },
): void {
  const before = container.record.state.health ?? { Status: "starting", FailingStreak: 0, Log: [] };
  const Log = [...before.Log, result].slice(-RESULTS);
  const health: HealthState = { ...before, Log };
  if (result.ExitCode === 0) {
    health.FailingStreak = 0;
    health.Status = "healthy";
  } else if (!(options.lenient && before.Status === "starting")) {
    health.FailingStreak++;
    if (health.FailingStreak >= options.retries) health.Status = "unhealthy";
  }
  container.record.state.health = health;
  store.save(container);
  if (health.Status !== before.Status) publish(events, container.record, `health_status: ${health.Status}`);
}

function timesOf(check: HealthConfig) {
  const ms = (nanoseconds: number | undefined, otherwise: number) => (nanoseconds ? nanoseconds / MS : otherwise);
  return {
    interval: ms(check.Interval, DEFAULTS.interval),
    timeout: ms(check.Timeout, DEFAULTS.timeout),
    startPeriod: ms(check.StartPeriod, DEFAULTS.startPeriod),
    startInterval: ms(check.StartInterval, DEFAULTS.startInterval),
    retries: check.Retries || DEFAULTS.retries,
  };
}
