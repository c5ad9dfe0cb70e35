/** A plan in words: each operation with its sentence, its man page and the command that comes nearest to it. */
import type { Explainers, Explanation } from "./explain/explainer.ts";
import { monitor } from "./explain/monitor.ts";
import { isolation } from "./explain/namespaces.ts";
import { process } from "./explain/process.ts";
import { root } from "./explain/root.ts";
import type { Op, Phase, Plan, PlannedOp, Stage } from "./plan.ts";

export type { Explanation } from "./explain/explainer.ts";

export type ExplainedOp = Explanation & {
  /** position in the plan, as timings and errors name it */
  index: number;
  stage: Stage;
  op: PlannedOp;
  /** how long it took when it ran */
  microseconds?: number;
};
/** Neighbours of the same stage and phase; a phase comes again when the plan comes back to it. */
export type ExplainedGroup = { stage: Stage; phase: Phase; rows: ExplainedOp[] };

const explainers: Explainers = { ...monitor, ...isolation, ...root, ...process };

export function explainOp(op: Op): Explanation {
  // The table pairs each name with its own type; TypeScript does not follow that through an index.
  const explain = explainers[op.op] as (op: Op) => Explanation;
  return explain(op);
}

/** @param timings [op index, microseconds], as Launched and the container's record have them */
export function explainPlan(plan: Plan, timings: readonly (readonly [number, number])[] = []): ExplainedGroup[] {
  const took = new Map(timings);
  const groups: ExplainedGroup[] = [];
  for (const [index, op] of plan.ops.entries()) {
    const microseconds = took.get(index);
    const row = { index, stage: op.stage, op, ...explainOp(op), ...(microseconds !== undefined && { microseconds }) };
    const group = groups.at(-1);
    if (group?.stage === op.stage && group.phase === op.phase) group.rows.push(row);
    else groups.push({ stage: op.stage, phase: op.phase, rows: [row] });
  }
  return groups;
}
