/** A lab's engine only: what each part of the plan is for, told by what leaks without it. */
import { useEffect, useState } from "preact/hooks";
import type { LabAnswer, LiveEntry, PlanRow } from "../../../wire/glass.ts";
import { get } from "../../api.ts";
import { Copy } from "../../parts/copy.tsx";
import { hello, nameOf } from "../../state/live.ts";
import { plural } from "../../text.ts";
import { ANNOTATION, isOf } from "./left-out.ts";
import type { Player, Step } from "./player.ts";

export type Lab = {
  steps: LabAnswer["steps"];
  /** names of those that this container was started without */
  left: readonly string[];
};

/** @returns undefined where the engine is no lab's */
export function useLab(entry: LiveEntry): Lab | undefined {
  const [lab, setLab] = useState<Lab | undefined>();
  const isLab = hello.value?.lab ?? false;
  useEffect(() => {
    if (!isLab) return;
    type Inspected = { HostConfig: { Annotations?: Record<string, string> | null } };
    Promise.all([get<LabAnswer>("/cloche/v1/lab"), get<Inspected>(`/containers/${entry.Id}/json`)]).then(
      ([{ steps }, { HostConfig }]) =>
        setLab({ steps, left: (HostConfig.Annotations?.[ANNOTATION] ?? "").split(",").filter((name) => name !== "") }),
      // The plan is worth showing without.
      () => {},
    );
  }, [isLab, entry.Id]);
  return lab;
}

/** Above the replay: this container has not all its walls. */
export function LeftOut({ lab, name }: { lab: Lab | undefined; name: string }) {
  if (!lab || lab.left.length === 0) return null;
  return (
    <p class="lost">
      <strong>{name} was started without</strong> {lab.left.join(", ")}: the operations for that are not in this plan.
      See below what leaks.
    </p>
  );
}

/** Beside an operation: what it is good for. */
export function Leaks({ lab, row }: { lab: Lab | undefined; row: PlanRow }) {
  const steps = lab?.steps.filter(({ name }) => isOf(name, row)) ?? [];
  if (steps.length === 0) return null;
  return (
    <div class="leaks">
      <b>Without it,</b>
      <ul>
        {steps.map(({ name, leaks }) => (
          <li key={name}>
            {steps.length > 1 && <code>{name}:</code>} {leaks}.
          </li>
        ))}
      </ul>
    </div>
  );
}

type PanelProps = { lab: Lab; entry: LiveEntry; steps: Step[]; player: Player };

/** Below the replay: all that can be left out, and how to try it. */
export function LabPanel({ lab, entry, steps, player }: PanelProps) {
  return (
    <section class="panel lab" aria-labelledby="lab-title">
      <h2 id="lab-title">Leave one out</h2>
      <p class="hint">
        This engine is a lab's. The command starts two containers from {entry.Image}, one whole and one without the
        step, and prints what a shell inside sees of each: the difference is what the step is for. {nameOf(entry)}{" "}
        itself is not touched.
      </p>
      <ul>
        {lab.steps.map((step) => (
          <li key={step.name} class={lab.left.includes(step.name) ? "left" : ""}>
            <h3>
              <code>{step.name}</code> <State {...{ lab, steps, player }} name={step.name} />
            </h3>
            <p>Without it, {step.leaks}.</p>
            <details>
              <summary>Try it</summary>
              <Command text={`cloche container explain --without ${step.name} ${entry.Image}`} />
              <p class="hint">The shell inside prints:</p>
              <Command text={step.look} />
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Command({ text }: { text: string }) {
  return (
    <p class="command">
      <code>{text}</code>
      <Copy text={text} />
    </p>
  );
}

/** Is it in this plan, and where? */
function State({ lab, name, steps, player }: { lab: Lab; name: string; steps: Step[]; player: Player }) {
  const rows = steps.filter(({ row }) => isOf(name, row)).map(({ row }) => row);
  const [first] = rows;
  if (first)
    return (
      <button type="button" class="quiet" onClick={() => player.goTo(first.index)}>
        {rows.length === 1
          ? `operation ${first.index + 1}`
          : `${plural(rows.length, "operation")} from ${first.index + 1}`}
      </button>
    );
  if (lab.left.includes(name)) return <span class="chip berry">left out here</span>;
  return <span class="chip">not in this plan</span>;
}
