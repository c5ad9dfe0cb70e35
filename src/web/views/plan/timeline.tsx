import type { PlanAnswer } from "../../../wire/glass.ts";
import { micros } from "../../text.ts";
import type { Player, Step } from "./player.ts";

/** The phases in a row; widths grow with the root of their times, so that the short ones can be seen beside the long. */
export function Timeline({ plan, steps, player }: { plan: PlanAnswer; steps: Step[]; player: Player }) {
  const here = steps[player.at];
  return (
    <ol class="timeline" aria-label="Phases">
      {plan.phases.map(({ stage, phase, microseconds, rows }, at) => {
        const first = rows[0]?.index ?? 0;
        const done =
          here === undefined
            ? 0
            : here.row.index >= first + rows.length
              ? 1
              : Math.max(0, (here.row.index - first + 1) / rows.length);
        return (
          <li key={at} style={{ flexGrow: 30 + Math.sqrt(microseconds ?? 0) }}>
            <button
              type="button"
              class={`stage-${stage}`}
              aria-current={here?.phaseAt === at ? "step" : undefined}
              aria-label={`${phase}, ${STAGES[stage] ?? stage}, ${microseconds === undefined ? "not measured" : micros(microseconds)}`}
              title={`${phase}: ${STAGES[stage] ?? stage}`}
              onClick={() => player.goTo(steps.findIndex(({ phaseAt }) => phaseAt === at))}
            >
              <i style={{ width: `${done * 100}%` }} />
              <span>{phase}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

export const STAGES: Record<string, string> = {
  launcher: "by the launcher, on the host",
  parent: "by the launcher, while the child waits",
  container: "by the child, which becomes the container",
  exit: "by the monitor, after the end",
};
