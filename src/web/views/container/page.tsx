/** One container: what it uses, what it may, what it is, and what can be done to it. */
import { useEffect, useState } from "preact/hooks";
import type { HistoryAnswer, LiveEntry } from "../../../wire/glass.ts";
import { get } from "../../api.ts";
import { Jar } from "../../parts/jar.tsx";
import { isUp, nameOf, ooms, samples } from "../../state/live.ts";
import { linkTo } from "../../state/route.ts";
import { addHistory } from "../../state/stream.ts";
import { OomDialog } from "../oom-report.tsx";
import { Actions } from "./actions.tsx";
import { Curves } from "./curves.tsx";
import { Facts } from "./facts.tsx";
import { Limits } from "./limits.tsx";
import { use } from "./use.ts";
import { jarOf, stateWords } from "./words.ts";

export function ContainerPage({ entry }: { entry: LiveEntry }) {
  const [report, showReport] = useState(false);
  const { memory } = use(entry.Id);
  const name = nameOf(entry);
  const up = isUp(entry);
  useEffect(() => fetchHistory(entry.Id), [entry.Id, up]);
  const killed = entry.cloche.oomKilled || ooms.value.get(entry.Id)?.report != null;
  const sampled = (samples.get(entry.Id)?.length ?? 0) > 0;
  return (
    <article class="one">
      <nav class="crumb" aria-label="Back">
        <a href={linkTo("containers")}>← all containers</a>
      </nav>
      <div class="title">
        <Jar state={jarOf(entry)} level={memory?.share ?? 0} size="7rem" />
        <div>
          <h1>{name}</h1>
          <p class="state">{stateWords(entry)}</p>
          {killed && (
            <button type="button" class="oom-link" onClick={() => showReport(true)}>
              ✕ killed for want of memory: the report
            </button>
          )}
        </div>
        <Actions entry={entry} />
      </div>
      {sampled || up ? (
        <Curves entry={entry} onMark={() => showReport(true)} />
      ) : (
        <p class="hint boxed">
          {entry.State === "created"
            ? "It was never started, so it has used nothing."
            : "It does not run: its control group is gone, and with it the numbers."}{" "}
          Start it, or type <code>cloche start {name}</code>.
        </p>
      )}
      <div class="pair">
        <Limits entry={entry} />
        <Facts entry={entry} />
      </div>
      {report && <OomDialog id={entry.Id} onClose={() => showReport(false)} />}
    </article>
  );
}

function fetchHistory(id: string): void {
  get<HistoryAnswer>(`/cloche/v1/containers/${id}/history`).then(
    ({ samples }) => addHistory(id, samples),
    // The curve then begins now; the stream says for itself if the engine is away.
    () => {},
  );
}
