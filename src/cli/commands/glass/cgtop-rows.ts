/** Two answers of the engine to one table: rates between them, limits, percentages. Pure. */
import type { CgroupNode, CgroupsAnswer } from "../../../wire/glass.ts";
import { bytesSize } from "../../text/size.ts";
import { alignTabs } from "../../text/table.ts";
import { plain } from "./paint.ts";

export const ORDERS = ["cpu", "memory", "tasks", "io", "path", "throttled", "pressure", "oom"] as const;
export type Order = (typeof ORDERS)[number];

/** @throws Error naming the keys that are known */
export function orderOf(value: string): Order {
  const found = ORDERS.find((order) => order === value);
  if (found === undefined) throw new Error(`one of ${ORDERS.join(", ")} is wanted`);
  return found;
}

export type CgroupRow = {
  node: CgroupNode;
  /** % of one CPU; absent: not counted */
  cpu?: number;
  /** CPUs that the quota allows */
  cpuLimit?: number;
  /** milliseconds per second that it was held back */
  throttled?: number;
  /** bytes in use without what could be dropped at once, as docker counts */
  memory?: number;
  /** bytes per second */
  read?: number;
  written?: number;
};

export function rowsOf(
  now: CgroupsAnswer,
  before: CgroupsAnswer,
  { order, depth, all }: { order: Order; depth: number; all: boolean },
): CgroupRow[] {
  const elapsed = Math.max(1, now.at - before.at);
  const earlier = new Map(before.nodes.map((node) => [node.path, node]));
  const rows = now.nodes
    .filter(({ path, processes }) => depthOf(path) <= depth && (all || processes > 0))
    .map((node) => rowOf(node, earlier.get(node.path), elapsed));
  return rows.sort((a, b) => weight(b, order) - weight(a, order) || (a.node.path < b.node.path ? -1 : 1));
}

const depthOf = (path: string) => (path === "/" ? 0 : path.split("/").length - 1);

function rowOf(node: CgroupNode, before: CgroupNode | undefined, elapsed: number): CgroupRow {
  const { cpu, memory, io } = node;
  // A cgroup that was made anew under the same path counts from zero.
  const rate = (value: number, previous: number | undefined) => Math.max(0, value - (previous ?? value)) / elapsed;
  return {
    node,
    ...(cpu && { cpu: rate(cpu.usage, before?.cpu?.usage) * 100 }),
    ...(cpu?.quota !== undefined && cpu.period && { cpuLimit: cpu.quota / cpu.period }),
    ...(cpu?.throttled !== undefined && { throttled: rate(cpu.throttled, before?.cpu?.throttled) * 1000 }),
    ...(memory && { memory: Math.max(0, memory.usage - (memory.inactiveFile ?? 0)) }),
    ...(io && { read: rate(io.read, before?.io?.read) * 1e9, written: rate(io.written, before?.io?.written) * 1e9 }),
  };
}

function weight({ node, cpu, memory, read, written, throttled }: CgroupRow, order: Order): number {
  switch (order) {
    case "cpu":
      return cpu ?? -1;
    case "memory":
      return memory ?? -1;
    case "tasks":
      return node.pids?.current ?? node.processes;
    case "io":
      return (read ?? 0) + (written ?? 0);
    case "throttled":
      return throttled ?? -1;
    case "pressure":
      return Math.max(...pressures(node).map((it) => it ?? -1));
    case "oom":
      return node.memory?.oomKills ?? -1;
    case "path":
      return 0;
  }
}

/** % of the last ten seconds in which something waited */
const pressures = ({ pressure }: CgroupNode) =>
  [pressure?.cpu, pressure?.memory, pressure?.io].map((view) => view?.some?.avg10);

const percent = (value: number | undefined) => (value === undefined ? "-" : value.toFixed(1));
const of = (value: number | undefined, limit: number | undefined) =>
  value === undefined || limit === undefined || limit === 0 ? "-" : `${((value / limit) * 100).toFixed(1)}%`;
const rateText = (value: number | undefined) => (value === undefined ? "-" : `${bytesSize(value)}/s`);

export function cgtopTable(rows: readonly CgroupRow[], { noPressure }: Pick<CgroupsAnswer, "noPressure">): string {
  const head = [
    ...["CONTROL GROUP", "TASKS", "PIDS MAX", "%CPU", "CPUS MAX", "%MAX", "THROTTLED", "MEMORY", "MEMORY MAX", "%MAX"],
    ...["READ", "WRITTEN", ...(noPressure === undefined ? ["PRESSURE CPU/MEM/IO"] : []), "OOM KILLS"],
  ];
  const lines = rows.map(({ node, cpu, cpuLimit, throttled, memory, read, written }) => [
    nameOf(node),
    node.pids?.current ?? node.processes,
    node.pids?.limit ?? "-",
    percent(cpu),
    cpuLimit === undefined ? "-" : Number(cpuLimit.toFixed(2)),
    of(cpu, cpuLimit === undefined ? undefined : cpuLimit * 100),
    throttled === undefined ? "-" : `${throttled.toFixed(0)} ms/s`,
    memory === undefined ? "-" : bytesSize(memory),
    node.memory?.limit === undefined ? "-" : bytesSize(node.memory.limit),
    of(memory, node.memory?.limit),
    rateText(read),
    rateText(written),
    ...(noPressure === undefined ? [pressures(node).map(percent).join("/")] : []),
    node.memory?.oomKills ?? "-",
  ]);
  return `${alignTabs([head, ...lines].map((cells) => cells.join("\t")).join("\n"), 4, 2)}\n`;
}

/** A container's name says more than 64 digits. */
function nameOf({ path, owner }: CgroupNode): string {
  const short = plain(path).replace(/[0-9a-f]{64}/g, (id) => id.slice(0, 12));
  return owner === undefined || short.endsWith(owner) ? short : `${short} (${owner})`;
}
