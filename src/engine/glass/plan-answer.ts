/** A plan as the glass API gives it. */
import { type ExplainedOp, explainPlan } from "../../isolation/explain.ts";
import type { Plan, PlannedOp } from "../../isolation/plan.ts";
import type { PlanAnswer, PlanPhase, PlanRow } from "../../wire/glass.ts";
import type { ContainerRecord } from "../containers/container.ts";
import { conflict } from "../errors.ts";

/** The plan of a container's last start. Throws conflict if it was never started: there is none then. */
export function planOf(record: ContainerRecord): { plan: Plan; timings: [number, number][] } {
  if (record.plan) return record.plan;
  throw conflict(
    `container ${record.name} has not been started: it has no plan yet (a dry run shows what one would be: POST /cloche/v1/plan)`,
  );
}

export function planAnswer(
  about: Pick<PlanAnswer, "id" | "name" | "ran" | "startedAt">,
  plan: Plan,
  timings: [number, number][] = [],
): PlanAnswer {
  const groups = explainPlan(plan, timings);
  const phases = groups.map(({ stage, phase, rows }): PlanPhase => {
    const shown = rows.map(rowShown);
    return { stage, phase, ...total(shown), rows: shown };
  });
  return { ...about, operations: plan.ops.length, ...total(phases), phases };
}

function rowShown({ index, stage, op, sentence, manPage, shell, dependsOn, microseconds }: ExplainedOp): PlanRow {
  return {
    index,
    stage,
    op: opShown(op),
    sentence,
    manPage,
    shell,
    ...(dependsOn !== undefined && { dependsOn }),
    ...(microseconds !== undefined && { microseconds }),
  };
}

/** Without what stands beside it already, and with byte strings that JSON can hold. */
function opShown({ stage: _stage, phase: _phase, ...op }: PlannedOp): PlanRow["op"] {
  const fields = Object.entries(op).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? bytesShown(value) : value,
  ]);
  return { ...Object.fromEntries(fields), op: op.op };
}

const bytesShown = (bytes: Uint8Array) => ({ bytes: bytes.byteLength, hex: Buffer.from(bytes).toString("hex") });

function total(parts: { microseconds?: number }[]): { microseconds?: number } {
  const measured = parts.flatMap(({ microseconds }) => microseconds ?? []);
  return measured.length === 0 ? {} : { microseconds: measured.reduce((sum, one) => sum + one, 0) };
}
