import { hello, latestOf } from "../../state/live.ts";
import { bytes, cpus } from "../../text.ts";

/** What a container uses of what it may, in words and shares. */
export function use(id: string) {
  const latest = latestOf(id);
  if (!latest) return { latest, cpu: undefined, memory: undefined };
  const hostCpus = hello.value?.cpus ?? 1;
  const cores = latest.cpu.cores ?? 0;
  const most = latest.cpu.limit ?? hostCpus;
  const { workingSet, limit } = latest.memory;
  return {
    latest,
    cpu: {
      share: cores / most,
      most,
      words: latest.cpu.limit === undefined ? `${cpus(cores)} CPUs, no limit` : `${cpus(cores)} of ${cpus(most)} CPUs`,
    },
    memory: {
      share: workingSet / (limit ?? hello.value?.memory ?? Number.POSITIVE_INFINITY),
      words: limit === undefined ? `${bytes(workingSet)}, no limit` : `${bytes(workingSet)} of ${bytes(limit)}`,
    },
  };
}
