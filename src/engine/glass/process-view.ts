/** A process from both sides: what it is called inside, and what it is on the host. Pure. */
import { capabilitiesOfMask } from "../../kernel/capabilities.ts";
import { NAMESPACES, type NamespaceKind, type ProcessView } from "../../wire/glass.ts";
import type { IdRange, Observed } from "./ports.ts";

export type Surroundings = {
  hostNamespaces: Partial<Record<NamespaceKind, number>>;
  /** by PID: for the chain of PID namespaces above a process */
  byPid: ReadonlyMap<number, Observed>;
  /** who has a process in a namespace, as texts */
  tenants(kind: NamespaceKind, inode: number): ReadonlySet<string>;
  ownerText(process: Observed): string;
};

export function processView(process: Observed, around: Surroundings): ProcessView {
  const self = around.ownerText(process);
  return {
    pid: process.pid,
    ppid: process.ppid,
    pids: pidChain(process, around),
    command: process.command,
    state: process.state,
    user: bothSides(process.uid, process.uidMap),
    group: bothSides(process.gid, process.gidMap),
    namespaces: NAMESPACES.flatMap((kind) => {
      const inode = process.namespaces[kind];
      if (inode === undefined) return [];
      const host = inode === around.hostNamespaces[kind];
      const others = host ? [] : [...around.tenants(kind, inode)].filter((name) => name !== self).sort();
      return [{ kind, inode, host, with: others }];
    }),
    cgroups: process.cgroups,
    capabilities: {
      effective: capabilitiesOfMask(process.capabilities.effective),
      permitted: capabilitiesOfMask(process.capabilities.permitted),
      bounding: capabilitiesOfMask(process.capabilities.bounding),
      inheritable: capabilitiesOfMask(process.capabilities.inheritable),
      ambient: capabilitiesOfMask(process.capabilities.ambient),
    },
    seccomp: {
      mode: (["none", "strict", "filter"] as const)[process.seccomp] ?? "none",
      filters: process.seccompFilters,
    },
    noNewPrivileges: process.noNewPrivileges,
    threads: process.threads,
    memory: process.memory,
    cpuMilliseconds: process.cpuMilliseconds,
    startTime: process.startTime,
  };
}

/**
 * NSpid has a number for each PID namespace from ours inwards. The innermost is the process's own; those between belong to an
 * ancestor that has as many numbers.
 */
function pidChain(process: Observed, { byPid }: Pick<Surroundings, "byPid">): ProcessView["pids"] {
  return process.pids.map((pid, level) => {
    const depth = level + 1;
    let stands: Observed | undefined = process;
    while (stands !== undefined && stands.pids.length > depth) stands = byPid.get(stands.ppid);
    const namespace = stands?.pids.length === depth ? stands.namespaces.pid : undefined;
    return { pid, ...(namespace !== undefined && { namespace }) };
  });
}

function bothSides(outside: number, ranges: readonly IdRange[]): ProcessView["user"] {
  const range = ranges.find((it) => outside >= it.outside && outside < it.outside + it.size);
  return { outside, ...(range && { inside: range.inside + outside - range.outside }) };
}
