import { Rows } from "../../parts/rows.tsx";
import { brief, micros, shortIds } from "../../text.ts";
import type { Player, Step } from "./player.ts";

export function OperationList({ steps, player }: { steps: Step[]; player: Player }) {
  return (
    <section class="panel oplist" aria-label="All operations">
      <Rows items={steps} keyOf={({ row }) => row.index} rowHeight={2.4} label="Operations in order" reveal={player.at}>
        {({ row }) => (
          <button
            type="button"
            class={`op stage-${row.stage} ${row.index < player.at ? "done" : ""}`}
            aria-current={row.index === player.at ? "step" : undefined}
            onClick={() => player.goTo(row.index)}
          >
            <span class="number">{row.index + 1}</span>
            <span class="text">{shortIds(brief(row.sentence))}</span>
            <span class="time">{row.microseconds === undefined ? "" : micros(row.microseconds)}</span>
          </button>
        )}
      </Rows>
    </section>
  );
}
