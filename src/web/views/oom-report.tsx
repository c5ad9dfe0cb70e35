/** What is known of the kernel's kills for memory. */
import { useEffect, useState } from "preact/hooks";
import type { OomAnswer } from "../../wire/glass.ts";
import { get, textOf } from "../api.ts";
import { Dialog } from "../parts/confirm.tsx";
import { bytes, plural } from "../text.ts";

export function OomDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const [answer, setAnswer] = useState<OomAnswer | string | undefined>();
  useEffect(() => {
    get<OomAnswer>(`/cloche/v1/containers/${id}/oom`).then(setAnswer, (error) => setAnswer(textOf(error)));
  }, [id]);
  return (
    <Dialog title="Killed for want of memory" onClose={onClose} wide>
      {answer === undefined ? (
        <p class="hint">Asking…</p>
      ) : typeof answer === "string" ? (
        <p>{answer}</p>
      ) : answer.report === null ? (
        <p>The kernel has killed nobody in {answer.name}, in its last run.</p>
      ) : (
        <Report name={answer.name} report={answer.report} />
      )}
      <div class="actions end">
        <button type="button" autofocus onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function Report({ name, report }: { name: string; report: NonNullable<OomAnswer["report"]> }) {
  const { first, cgroup, limit, peak } = report;
  const fates = {
    survived: "survived the kill, and then ended by itself",
    killed: "was killed",
    running: "survived, and runs",
    unknown: "nobody knows what became of it",
  };
  const rows: [string, string][] = [
    ["Kills", `${plural(report.kills, "process", "processes")} of ${name}`],
    ["Victims", report.victims],
    ["Limit", limit === undefined ? "none of its own" : `${bytes(limit)}, met ${report.limitHits ?? "?"} times`],
    ["Peak", peak === undefined ? "not known" : bytes(peak)],
    [
      "Which ran out",
      `${cgroup.which === "own" ? "its own control group" : cgroup.which === "above" ? "a control group above it" : "not known"}: ${cgroup.because}`,
    ],
    ["PID 1 inside", `${first.command} (${first.pidOutside ?? "?"} outside): ${fates[first.fate]}`],
    ["Exit code", report.exit],
  ];
  return (
    <>
      <dl class="facts">
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {report.unknown.length > 0 && (
        <>
          <h3>What nobody can know</h3>
          <ul>
            {report.unknown.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
