/** The meters of running containers, and their last readings: one of each run. */
import type { ContainerSample } from "../../wire/glass.ts";
import type { Container } from "../containers/container.ts";
import { hasProcess } from "../containers/live.ts";
import type { CgroupLook, Cgroups, Clock, HostCpu, HostMeter, Meter, NetworkCounters } from "../ports.ts";
import { networksOf } from "./network.ts";
import { type Reading, toSample } from "./to-sample.ts";

/** CPU use over a shorter time than this, a few periods of the CFS quota, would say little. ms */
export const SHORTEST_MS = 250;
/** The kernel's own, µs. */
const PERIOD = 100_000;

/** What is read once for many containers. */
export type Around = { cpu: HostCpu; interfaces?: Record<string, NetworkCounters>; look?: CgroupLook };

type Run = {
  startedAt: string;
  meter: Meter;
  networks: ReturnType<typeof networksOf>;
  /** of ticks, oldest first, three at most */
  readings: Reading[];
  /** The last sample, where nothing had moved since the reading before it. */
  rest?: { sample: ContainerSample; now: Reading; cpus: number | undefined; memoryTotal: number } | undefined;
  /** Its failure has been told. */
  failed: boolean;
};

export type MetersDeps = {
  cgroups: Pick<Cgroups, "meter">;
  host: HostMeter;
  clock: Pick<Clock, "monotonic">;
  now: () => number;
  log: (message: string, details: Record<string, unknown>) => void;
};

export function createMeters(deps: MetersDeps) {
  const runs = new Map<string, Run>();
  const close = ({ record }: Container) => {
    runs.get(record.id)?.meter.close();
    runs.delete(record.id);
  };
  const runOf = (container: Container): Run => {
    const { record } = container;
    const known = runs.get(record.id);
    if (known?.startedAt === record.state.startedAt) return known;
    close(container);
    const run: Run = {
      startedAt: record.state.startedAt,
      meter: deps.cgroups.meter(record.cgroupPath),
      networks: networksOf(deps.host),
      readings: [],
      failed: false,
    };
    runs.set(record.id, run);
    return run;
  };
  /** @returns undefined when it does not run, or its cgroup has just gone */
  const take = (container: Container, around: Around): Reading | undefined => {
    const { record } = container;
    if (!hasProcess(record)) return undefined;
    const run = runOf(container);
    try {
      const cgroup = run.meter.read(around.look);
      if (cgroup === undefined) return undefined;
      return {
        at: deps.now(),
        monotonic: deps.clock.monotonic(),
        cgroup,
        hostCpu: around.cpu,
        networks: run.networks(record, around.interfaces),
      };
    } catch (error) {
      if (!run.failed) deps.log("sample a container", { container: record.id, error });
      run.failed = true;
      return undefined;
    }
  };
  const olderThan = (run: Run | undefined, monotonic: number) =>
    run?.readings.findLast((reading) => monotonic - reading.monotonic >= SHORTEST_MS);
  /** Of one that rests, the last sample once more: most do, each second, and its parts stay the same objects. */
  const sampleOf = (run: Run, container: Container, now: Reading): ContainerSample => {
    const before = olderThan(run, now.monotonic);
    const cpus = quotaOf(container);
    const memoryTotal = deps.host.memory();
    const { rest } = run;
    const rests = before !== undefined && nothingMoved(before, now);
    if (rests && rest && nothingMoved(rest.now, now) && rest.cpus === cpus && rest.memoryTotal === memoryTotal)
      return { ...rest.sample, at: now.at };
    const sample = toSample(container.record.id, now, before, { ...(cpus && { cpus }), memoryTotal });
    run.rest = rests ? { sample, now, cpus, memoryTotal } : undefined;
    return sample;
  };
  /** Readings of the run that goes on, if there are any. */
  const current = ({ record }: Container) => {
    const run = runs.get(record.id);
    return run?.startedAt === record.state.startedAt ? run : undefined;
  };

  return {
    take,
    close,
    /** Its limits were changed. */
    changed: (container: Container) => current(container)?.meter.everything(),
    /** A reading that is kept, as a sample. */
    sample(container: Container, around: Around): ContainerSample | undefined {
      const reading = take(container, around);
      if (reading === undefined) return undefined;
      const run = runOf(container);
      const sample = sampleOf(run, container, reading);
      run.readings = [...run.readings.slice(-2), reading];
      return sample;
    },
    latest(container: Container): { reading?: Reading; before?: Reading } {
      const run = current(container);
      const reading = run?.readings.at(-1);
      if (reading === undefined) return {};
      const before = olderThan(run, reading.monotonic);
      return { reading, ...(before && { before }) };
    },
    before: (container: Container, monotonic: number) => olderThan(current(container), monotonic),
    /** Close those of containers that do not run any more, or are not among these. */
    forget(all: Container[]): void {
      const running = new Map(all.filter(({ record }) => hasProcess(record)).map((it) => [it.record.id, it]));
      for (const [id, run] of runs) {
        if (running.get(id)?.record.state.startedAt === run.startedAt) continue;
        run.meter.close();
        runs.delete(id);
      }
    },
  };
}

const nothingMoved = (before: Reading, now: Reading) =>
  before.cgroup === now.cgroup && before.networks === now.networks;

/** In CPUs; as asked for at create or update. undefined: none */
function quotaOf({ record }: Container): number | undefined {
  const { NanoCpus, CpuQuota, CpuPeriod } = record.hostConfig;
  if (NanoCpus > 0) return NanoCpus / 1e9;
  return CpuQuota > 0 ? CpuQuota / (CpuPeriod || PERIOD) : undefined;
}
