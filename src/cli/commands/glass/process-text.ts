/** Processes with their numbers, users and walls as lines. */
import type { ProcessView } from "../../../wire/glass.ts";
import { bytesSize } from "../../text/size.ts";
import { alignTabs } from "../../text/table.ts";
import { plain } from "./paint.ts";

/** "10205 → 1": the host's number, then that of each PID namespace inwards. */
export const pidChain = ({ pids }: ProcessView): string => pids.map(({ pid }) => pid).join(" → ");

const sides = (id: ProcessView["user"]) =>
  id.inside === undefined
    ? `${id.outside} → not mapped`
    : id.inside === id.outside
      ? String(id.outside)
      : `${id.outside} → ${id.inside}`;

/** Processes in the order of their tree; `depth` is 0 for those whose parent is not among them. */
export function asTree(processes: readonly ProcessView[]): { process: ProcessView; depth: number; last: boolean[] }[] {
  const pids = new Set(processes.map(({ pid }) => pid));
  const rows: { process: ProcessView; depth: number; last: boolean[] }[] = [];
  const place = (siblings: ProcessView[], above: boolean[]) => {
    for (const [at, process] of siblings.entries()) {
      const last = [...above, at === siblings.length - 1];
      rows.push({ process, depth: above.length, last });
      place(
        processes.filter(({ ppid }) => ppid === process.pid),
        last,
      );
    }
  };
  place(
    processes.filter(({ ppid }) => !pids.has(ppid)),
    [],
  );
  return rows;
}

/** "│  └─ " for a row of asTree, from its first level on. */
export function branch(last: boolean[]): string {
  const [own, ...above] = last.slice(1).toReversed();
  if (own === undefined) return "";
  return `${above
    .toReversed()
    .map((it) => (it ? "   " : "│  "))
    .join("")}${own ? "└─ " : "├─ "}`;
}

export function processTable(processes: readonly ProcessView[]): string {
  const head = "PID OUT → IN\tUSER\tGROUP\tSTATE\tCPU\tMEMORY\tTHREADS\tCAPS\tSECCOMP\tCOMMAND";
  const rows = asTree(processes).map(({ process, last }) =>
    [
      pidChain(process),
      sides(process.user),
      sides(process.group),
      process.state,
      `${(process.cpuMilliseconds / 1000).toFixed(2)} s`,
      bytesSize(process.memory),
      process.threads,
      `${process.capabilities.effective.length}/${process.capabilities.bounding.length}`,
      process.seccomp.mode,
      branch(last) + plain(process.command),
    ].join("\t"),
  );
  return `${alignTabs([head, ...rows].join("\n"), 4, 2)}\n`;
}

/** Where the processes are: each namespace once, with whom it is shared. */
export function namespaceTable(processes: readonly ProcessView[]): string {
  const rows = new Map<string, { kind: string; inode: number; host: boolean; with: string[]; pids: number[] }>();
  for (const { pid, namespaces } of processes) {
    for (const { kind, inode, host, with: others } of namespaces) {
      const row = rows.get(`${kind}:${inode}`);
      if (row) row.pids.push(pid);
      else rows.set(`${kind}:${inode}`, { kind, inode, host, with: others, pids: [pid] });
    }
  }
  const lines = [...rows.values()].map(({ kind, inode, host, with: others, pids }) =>
    [
      kind,
      inode,
      host ? "the host's" : others.length ? `shared with ${others.join(", ")}` : "its own",
      pids.length === processes.length ? "all" : pids.join(" "),
    ].join("\t"),
  );
  return `${alignTabs(["NAMESPACE\tINODE\tWHOSE\tPROCESSES", ...lines].join("\n"), 4, 2)}\n`;
}

/** Hierarchies with the same path in one line. */
export function cgroupTable({ cgroups }: Pick<ProcessView, "cgroups">): string {
  const byPath = new Map<string, string[]>();
  for (const { controllers, path } of cgroups) byPath.set(path, [...(byPath.get(path) ?? []), controllers || "v2"]);
  const lines = [...byPath].map(([path, controllers]) => `${plain(path)}\t${controllers.join(" ")}`);
  return `${alignTabs(["CGROUP\tHIERARCHIES", ...lines].join("\n"), 4, 2)}\n`;
}
