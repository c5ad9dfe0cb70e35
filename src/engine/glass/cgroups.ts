/** The tree of control groups, with its owners and both dialects' names of each number. */
import type { CgroupNode, CgroupsAnswer } from "../../wire/glass.ts";
import { ownerOf, ownerText } from "./owner.ts";
import type { GlassHost } from "./ports.ts";
import type { GlassDeps } from "./surroundings.ts";

const FILES: CgroupsAnswer["files"] = [
  { number: "processes", v1: "cgroup.procs", v2: "cgroup.procs" },
  { number: "cpu.usage", v1: "cpuacct.usage", v2: "cpu.stat: usage_usec" },
  { number: "cpu.quota, cpu.period", v1: "cpu.cfs_quota_us, cpu.cfs_period_us", v2: "cpu.max" },
  { number: "cpu.throttled", v1: "cpu.stat: throttled_time", v2: "cpu.stat: throttled_usec" },
  { number: "memory.usage", v1: "memory.usage_in_bytes", v2: "memory.current" },
  { number: "memory.limit", v1: "memory.limit_in_bytes", v2: "memory.max" },
  { number: "memory.peak", v1: "memory.max_usage_in_bytes", v2: "memory.peak" },
  { number: "memory.failures", v1: "memory.failcnt", v2: "memory.events: max" },
  { number: "memory.oomKills", v1: "memory.oom_control: oom_kill", v2: "memory.events: oom_kill" },
  { number: "pids.current, pids.limit", v1: "pids.current, pids.max", v2: "pids.current, pids.max" },
  { number: "io.read, io.written", v1: "blkio.throttle.io_service_bytes_recursive", v2: "io.stat: rbytes, wbytes" },
  {
    number: "pressure",
    v1: "none; *.pressure of a v2 hierarchy beside",
    v2: "cpu.pressure, memory.pressure, io.pressure",
  },
];

export async function cgroupTree({ host, store }: GlassDeps, version: "v1" | "v2"): Promise<CgroupsAnswer> {
  const ownerOfPath = pathOwners(store);
  return cgroupsAnswer({ host, version }, await host.cgroups(), ownerOfPath);
}

/** @param ownerOfPath undefined: nobody's in particular */
export function cgroupsAnswer(
  { host, version }: { host: Pick<GlassHost, "monotonic" | "cpus">; version: "v1" | "v2" },
  { nodes, noPressure }: { nodes: CgroupNode[]; noPressure?: string },
  ownerOfPath: (path: string) => string | undefined,
): CgroupsAnswer {
  return {
    version,
    at: host.monotonic(),
    cpus: host.cpus(),
    ...(noPressure !== undefined && { noPressure }),
    files: FILES,
    nodes: nodes.map((node) => {
      const owner = ownerOfPath(node.path);
      return owner === undefined ? node : { ...node, owner };
    }),
  };
}

/** Remembers what it has answered: for as long as no container comes, goes or gets another name. */
export function pathOwners(store: GlassDeps["store"]): (path: string) => string | undefined {
  const known = store.all().map(({ record }) => record);
  const owners = new Map<string, string | undefined>();
  return (path) => {
    if (owners.has(path)) return owners.get(path);
    const owner = ownerOf([{ controllers: "", path }], known);
    const text = owner.kind === "host" ? undefined : ownerText(owner);
    owners.set(path, text);
    return text;
  };
}
