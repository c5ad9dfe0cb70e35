/** Stamp operations with their stage and phase: how the files of this folder write their part of a plan. */
import type { Op, Phase, PlannedOp, Stage } from "./plan.ts";

export function planned(stage: Stage, phase: Phase, ...ops: Op[]): PlannedOp[] {
  return ops.map((op) => ({ ...op, stage, phase }));
}
