/** What can be said of the kernel's kills for memory in a container's run, and what cannot. Pure. */
import type { OomReport } from "../../wire/glass.ts";
import type { ContainerRecord } from "./container.ts";
import { hasProcess } from "./live.ts";

/** Counters of a cgroup that lives, or of an exit record. */
export type OomCounters = { kills: number; peak?: number; limitHits?: number; ownOom?: number };

const SIGKILL = 9;

/** @returns undefined when nothing was killed, or when the container has never ended */
export function oomReportOf(record: ContainerRecord): OomReport | undefined {
  const counters = record.lastExit?.counters;
  if (hasProcess(record) || !counters?.oom_kill) return undefined;
  return oomReport(record, {
    kills: counters.oom_kill,
    ...(counters.memory_peak !== undefined && { peak: counters.memory_peak }),
    ...(counters.memory_limit_hits !== undefined && { limitHits: counters.memory_limit_hits }),
    ...(counters.memory_own_oom !== undefined && { ownOom: counters.memory_own_oom }),
  });
}

/** @param counters of now if the container runs, else of its end */
export function oomReport(record: ContainerRecord, counters: OomCounters): OomReport {
  const running = hasProcess(record);
  const { kills, peak, limitHits } = counters;
  const limit = record.hostConfig.Memory || undefined;
  const fate = running ? "running" : fateOf(record);
  const outside = running ? record.state.process?.pid : record.lastExit?.process?.pid;
  return {
    kills,
    running,
    ...(!running && { finishedAt: record.state.finishedAt, exitCode: record.state.exitCode }),
    ...(limit !== undefined && { limit }),
    ...(peak !== undefined && { peak }),
    ...(limitHits !== undefined && { limitHits }),
    cgroup: cgroupOf(record, counters, limit),
    first: {
      ...(outside !== undefined && { pidOutside: outside }),
      pidInside: 1,
      command: [record.path, ...record.args].join(" "),
      fate,
    },
    victims: victimsText(kills, fate),
    exit: exitText(record, fate),
    unknown: [
      ...(fate === "killed" && kills === 1
        ? []
        : ["the ids and commands of the killed processes: the kernel names them in its log only, which is not read"]),
      "memory by kind at the moment of the kill: the kernel keeps no such record",
      ...(peak === undefined ? ["the peak: this kernel does not keep it (memory.peak came with Linux 5.19)"] : []),
    ],
  };
}

/** A SIGKILL that neither stop nor kill sent, in a run with kills for memory, was the kernel's. */
function fateOf({ lastExit, stoppedByUser }: ContainerRecord): "survived" | "killed" | "unknown" {
  if (lastExit === undefined) return "unknown";
  if (lastExit.signal !== SIGKILL) return "survived";
  return stoppedByUser ? "unknown" : "killed";
}

/** bytes; memory is charged by the page */
const PAGE = 4096;

function cgroupOf(
  record: ContainerRecord,
  { limitHits, ownOom, peak }: OomCounters,
  limit: number | undefined,
): OomReport["cgroup"] {
  const path = record.cgroupPath;
  const above = path.slice(0, path.lastIndexOf("/")) || "/";
  if (ownOom !== undefined && ownOom > 0)
    return { which: "own", path, because: `its own limit was met with nothing left to reclaim ${times(ownOom)}` };
  if (limit === undefined)
    return {
      which: "above",
      path: above,
      because: "the container has no memory limit: a group above it, or the host itself, ran out",
    };
  // Linux 6.18 leaves v1's failcnt at 0. What the container used tells as much: it never gets beyond its limit.
  if (ownOom === undefined && !limitHits && peak !== undefined && peak >= limit - PAGE)
    return { which: "own", path, because: "its use has reached its limit" };
  if (limitHits === undefined)
    return { which: "unknown", path, because: "this host does not count how often the limit was met" };
  if (limitHits > 0 && ownOom === undefined)
    return { which: "own", path, because: `allocations met its limit ${times(limitHits)}` };
  return {
    which: "above",
    path: above,
    because: "its own limit did not run out: a group above it, or the host itself, did",
  };
}

const times = (count: number) => (count === 1 ? "once" : `${count} times`);

function victimsText(kills: number, fate: OomReport["first"]["fate"]): string {
  const many = `${kills} ${kills === 1 ? "process" : "processes"}`;
  if (fate === "killed") return kills === 1 ? "PID 1 of the container" : `${many}, PID 1 of the container among them`;
  if (fate === "unknown") return `${many} of the container; whether PID 1 is one of them is unknown`;
  return `${many} of the container, not its PID 1`;
}

function exitText({ state, lastExit }: ContainerRecord, fate: OomReport["first"]["fate"]): string {
  const { exitCode } = state;
  if (fate === "running") return "PID 1 still runs: there is no exit code yet";
  if (fate === "killed") return `${exitCode}, that is 128 + 9: the kernel killed PID 1 itself with SIGKILL`;
  if (fate === "unknown") return `${exitCode}: PID 1 died of SIGKILL, which stop, kill or the kernel may have sent`;
  if (lastExit !== undefined && lastExit.signal > 0)
    return `${exitCode}, that is 128 + ${lastExit.signal}: PID 1 survived the kill of another process and later died of signal ${lastExit.signal}`;
  return `${exitCode}: PID 1 survived the kill of another process and ended by itself with this status (it is not 137, as PID 1 was not killed)`;
}
