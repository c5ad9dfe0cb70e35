/** Processes whose namespaces are joined, each opened once: a slot number stands for it in the plan. */
import { type NamespaceName, namespaceFlags } from "../kernel/namespaces.ts";
import { planned } from "./op.ts";
import type { PlannedOp } from "./plan.ts";
import type { NamespaceSpec, Namespaces, ProcessRef } from "./spec.ts";

export type Slots = {
  /** open_process for each, stage launcher: pidfds are taken while we still see the host's PIDs. */
  open(): PlannedOp[];
  /** undefined when the process is not among them. */
  of(process: ProcessRef): number;
};

const joinable = ["pid", "uts", "ipc", "net"] as const satisfies NamespaceName[];

/** @returns the process whose namespace it is; undefined for one of our own or the host's. */
export function joined(namespace: NamespaceSpec): ProcessRef | undefined {
  return typeof namespace === "object" ? namespace : undefined;
}

/** Number the processes that the namespaces name. */
export function slotsFor(namespaces: Namespaces): Slots {
  const refs: ProcessRef[] = [];
  const find = (process: ProcessRef) =>
    refs.findIndex((ref) => ref.pid === process.pid && ref.startTime === process.startTime);
  const wanted = [namespaces.user?.of, ...joinable.map((name) => joined(namespaces[name]))];
  for (const process of wanted) if (process && find(process) < 0) refs.push(process);
  return {
    open: () => refs.flatMap((ref, slot) => planned("launcher", "namespaces", { op: "open_process", slot, ...ref })),
    of: find,
  };
}

/** Flags of the namespaces, but for pid, that are joined from each slot. */
export function joinedFlags(namespaces: Namespaces, slots: Slots): Map<number, number> {
  const flags = new Map<number, number>();
  for (const name of joinable) {
    const process = joined(namespaces[name]);
    if (!process || name === "pid") continue;
    const slot = slots.of(process);
    flags.set(slot, (flags.get(slot) ?? 0) | namespaceFlags[name]);
  }
  return flags;
}
