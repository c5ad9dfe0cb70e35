/** Containers as the stream tells them: docker's list entry and what it leaves out. */
import type { Limits, LiveEntry } from "../../../wire/glass.ts";
import type { ContainerRecord } from "../../containers/container.ts";
import type { ContainerSummary } from "../../containers/list.ts";
import { plainResources } from "../../containers/spec-resources.ts";

export function liveEntry(summary: ContainerSummary, record: ContainerRecord): LiveEntry {
  const { state, config, hostConfig } = record;
  const { SizeRw: _rw, SizeRootFs: _root, ...entry } = summary;
  return {
    ...entry,
    cloche: {
      ...(state.process && { pid: state.process.pid }),
      cgroupPath: record.cgroupPath,
      ...(happened(state.startedAt) && { startedAt: state.startedAt }),
      ...(happened(state.finishedAt) && { finishedAt: state.finishedAt }),
      exitCode: state.exitCode,
      error: state.error,
      oomKilled: state.oomKilled,
      health: state.health?.Status ?? "none",
      tty: config.Tty,
      openStdin: config.OpenStdin,
      autoRemove: hostConfig.AutoRemove,
      restartPolicy: hostConfig.RestartPolicy.Name || "no",
      restartCount: record.restartCount,
      limits: limitsOf(record),
    },
  };
}

/** Docker's "never" is the year 1. */
const happened = (time: string) => !time.startsWith("0001");
/** The kernel's own, µs. */
const PERIOD = 100_000;

function limitsOf({ hostConfig }: ContainerRecord): Limits {
  const { cpuQuota = 0, cpuPeriod = PERIOD, pidsLimit = 0, ...set } = plainResources(hostConfig);
  return {
    ...(cpuQuota > 0 && { nanoCpus: Math.round((cpuQuota / cpuPeriod) * 1e9) }),
    ...(set.cpuShares && { cpuShares: set.cpuShares }),
    ...(set.cpusetCpus && { cpusetCpus: set.cpusetCpus }),
    ...(set.memory && { memory: set.memory }),
    ...(set.memoryReservation && { memoryReservation: set.memoryReservation }),
    ...(set.memorySwap && { memorySwap: set.memorySwap }),
    ...(pidsLimit > 0 && { pids: pidsLimit }),
    ...(set.blkioWeight && { blkioWeight: set.blkioWeight }),
  };
}
