/** The creation of a container, operation by operation: played, stepped through, or jumped about in. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { LiveEntry, PlanAnswer } from "../../wire/glass.ts";
import { get, textOf } from "../api.ts";
import { Picker } from "../parts/picker.tsx";
import { Why } from "../parts/why.tsx";
import { connection, containers, findContainer, isUp, nameOf } from "../state/live.ts";
import { subject } from "../state/route.ts";
import { micros } from "../text.ts";
import { Building } from "./plan/building.tsx";
import { Controls } from "./plan/controls.tsx";
import { LabPanel, LeftOut, useLab } from "./plan/lab.tsx";
import { OperationList } from "./plan/list.tsx";
import { OperationCard } from "./plan/operation.tsx";
import { stepsOf, usePlayer } from "./plan/player.ts";
import { Timeline } from "./plan/timeline.tsx";

export function Plan() {
  const entry = findContainer(subject.value) ?? containers.value.find(isUp) ?? containers.value[0];
  return (
    <>
      <div class="head">
        <h1>Plan</h1>
        {containers.value.length > 0 && <Picker to="plan" />}
      </div>
      {entry ? (
        <PlanOf key={`${entry.Id}${entry.cloche.startedAt}`} entry={entry} />
      ) : (
        <Why title="No container, no plan" command="cloche container explain --dry-run busybox true">
          {connection.value.state === "lost"
            ? connection.value.reason
            : "A plan is kept with each container that was started. On the command line one can also be computed without starting anything:"}
        </Why>
      )}
    </>
  );
}

function PlanOf({ entry }: { entry: LiveEntry }) {
  const [answer, setAnswer] = useState<PlanAnswer | string | undefined>();
  useEffect(() => {
    get<PlanAnswer>(`/cloche/v1/containers/${entry.Id}/plan`).then(setAnswer, (error) => setAnswer(textOf(error)));
  }, [entry.Id]);
  if (answer === undefined) return <p class="hint">Asking the engine…</p>;
  if (typeof answer === "string")
    return (
      <Why title="There is no plan" command={`cloche start ${nameOf(entry)}`}>
        {answer}
      </Why>
    );
  return <Replay plan={answer} entry={entry} />;
}

function Replay({ plan, entry }: { plan: PlanAnswer; entry: LiveEntry }) {
  const steps = useMemo(() => stepsOf(plan), [plan]);
  const lab = useLab(entry);
  const player = usePlayer(steps);
  const step = steps[player.at];
  if (!step) return <Why title="An empty plan">It has no operations.</Why>;
  return (
    <>
      <p class="lead">
        <b>{plan.operations} kernel operations</b> made {plan.name}
        {plan.microseconds !== undefined && (
          <>
            , in <b>{micros(plan.microseconds)}</b>
          </>
        )}
        . A container is this list, and nothing else.
      </p>
      <LeftOut lab={lab} name={plan.name} />
      <Timeline plan={plan} steps={steps} player={player} />
      <Controls player={player} count={steps.length} />
      <div class="replay">
        <Building step={step} />
        <OperationCard step={step} count={steps.length} lab={lab} />
        <OperationList steps={steps} player={player} />
      </div>
      {lab && <LabPanel {...{ lab, entry, steps, player }} />}
    </>
  );
}
