/** Checks of limits, with docker's texts; the same for create and update. */
import type { HostConfig } from "../../wire/container.ts";
import { invalid } from "../errors.ts";

type Limits = Partial<
  Pick<
    HostConfig,
    | "Memory"
    | "MemorySwap"
    | "MemoryReservation"
    | "MemorySwappiness"
    | "NanoCpus"
    | "CpuPeriod"
    | "CpuQuota"
    | "CpuPercent"
    | "CpuShares"
    | "CpusetCpus"
    | "CpusetMems"
    | "BlkioWeight"
    | "OomKillDisable"
    | "PidsLimit"
    | "IOMaximumBandwidth"
    | "IOMaximumIOps"
  >
>;

const MIN_MEMORY = 6 * 1024 * 1024;
/** The kernel would write another number than it was told, without a word. */
const MAX_CPU_SHARES = 262_144;

/** @property memoryNodes a list as cpuset.mems has it */
export type HostResources = { cpus: number; memoryNodes: string };

/** Throws invalid. @param host what is online @returns warnings for the client */
export function validateResources(limits: Limits, host: HostResources): string[] {
  validateMemory(limits);
  validateCpu(limits, host);
  const { BlkioWeight: weight = 0 } = limits;
  if (weight !== 0 && (weight < 10 || weight > 1000)) throw invalid("Range of blkio weight is from 10 to 1000");
  if (limits.IOMaximumBandwidth || limits.IOMaximumIOps) {
    throw invalid("Invalid QoS settings: linux does not support Maximum IO Bandwidth or Maximum IO IOps");
  }
  const warnings: string[] = [];
  if (limits.OomKillDisable && !limits.Memory) {
    warnings.push(
      "OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.",
    );
  }
  if (limits.CpuPercent) warnings.push("linux does not support CPU percent. Percent discarded.");
  return warnings;
}

function validateMemory(limits: Limits): void {
  const { Memory: memory = 0, MemorySwap: swap = 0, MemoryReservation: reservation = 0 } = limits;
  if (memory !== 0 && memory < MIN_MEMORY) throw invalid("Minimum memory limit allowed is 6MB");
  if (memory > 0 && swap > 0 && swap < memory) {
    throw invalid("Minimum memoryswap limit should be larger than memory limit, see usage");
  }
  if (memory === 0 && swap > 0) {
    throw invalid("You should always set the Memory limit when using Memoryswap limit, see usage");
  }
  const swappiness = limits.MemorySwappiness ?? -1;
  if (swappiness < -1 || swappiness > 100) {
    throw invalid(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
  }
  if (reservation !== 0 && reservation < MIN_MEMORY) throw invalid("Minimum memory reservation allowed is 6MB");
  if (memory > 0 && reservation > memory) {
    throw invalid("Minimum memory limit can not be less than memory reservation limit, see usage");
  }
}

function validateCpu(limits: Limits, { cpus, memoryNodes }: HostResources): void {
  const { NanoCpus: nano = 0, CpuPeriod: period = 0, CpuQuota: quota = 0 } = limits;
  const { CpuShares: shares = 0 } = limits;
  if (shares < 0) throw invalid("shares: invalid argument");
  if (shares === 1) throw invalid("the minimum allowed cpu-shares is 2");
  if (shares > MAX_CPU_SHARES) throw invalid(`the maximum allowed cpu-shares is ${MAX_CPU_SHARES}`);
  if (nano > 0 && period > 0) throw invalid("Conflicting options: Nano CPUs and CPU Period cannot both be set");
  if (nano > 0 && quota > 0) throw invalid("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
  if (nano < 0 || nano > cpus * 1e9) {
    throw invalid(`Range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`);
  }
  if (period !== 0 && (period < 1000 || period > 1_000_000)) {
    throw invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
  }
  if (quota > 0 && quota < 1000) throw invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)");
  const { CpusetCpus: set = "", CpusetMems: nodes = "" } = limits;
  const wanted = numbersOf(set);
  if (!wanted) throw invalid(`Invalid value ${set} for cpuset cpus: invalid format: ${set}`);
  if (wanted.some((cpu) => cpu >= cpus)) {
    throw invalid(
      `Requested CPUs are not available - requested ${set}, available: ${cpus > 1 ? `0-${cpus - 1}` : "0"}`,
    );
  }
  const wantedNodes = numbersOf(nodes);
  if (!wantedNodes) throw invalid(`Invalid value ${nodes} for cpuset mems: invalid format: ${nodes}`);
  const there = numbersOf(memoryNodes) ?? [];
  if (wantedNodes.some((node) => node > Math.max(...there))) {
    throw invalid(`Requested memory nodes are not available - requested ${nodes}, available: ${memoryNodes}`);
  }
}

/** "0-2,4" to its numbers; undefined if it is no such list. The range is bounded: a client's text must not fill memory. */
function numbersOf(list: string): number[] | undefined {
  if (list === "") return [];
  const numbers: number[] = [];
  for (const part of list.split(",")) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first) return undefined;
    numbers.push(first, last);
  }
  return numbers;
}
