import { Fragment } from "preact";
import { Copy } from "../../parts/copy.tsx";
import { micros, shortIds } from "../../text.ts";
import { type Lab, Leaks } from "./lab.tsx";
import type { Step } from "./player.ts";
import { STAGES } from "./timeline.tsx";

/** One operation, large: what it does, how one would type it, and why just here. */
export function OperationCard({ step, count, lab }: { step: Step; count: number; lab: Lab | undefined }) {
  const { row, phase, begins } = step;
  return (
    <article class="operation panel" aria-label="The operation" tabIndex={0}>
      <p class="where">
        <span class={`dot stage-${row.stage}`} />
        {row.index + 1} of {count} · {phase}, {STAGES[row.stage] ?? row.stage}
      </p>
      <p class="sentence">
        <Paths text={shortIds(row.sentence)} />
      </p>
      <p class="command">
        <code>
          <span aria-hidden="true">$ </span>
          <Paths text={shortIds(row.shell)} />
        </code>
        <Copy text={row.shell} />
      </p>
      {row.dependsOn && (
        <p class="because">
          <b>Why here:</b> {row.dependsOn}
        </p>
      )}
      <Leaks lab={lab} row={row} />
      <dl class="facts tight">
        <div>
          <dt>Manual</dt>
          <dd>
            <code>man {row.manPage.replace(/^(.*)\((\w+)\)$/, "$2 $1")}</code>
          </dd>
        </div>
        <div>
          <dt>Took</dt>
          <dd>
            {row.microseconds === undefined
              ? row.stage === "exit"
                ? "not yet: it is for the end"
                : "not measured"
              : `${micros(row.microseconds)}, ${micros(begins)} after the first`}
          </dd>
        </div>
      </dl>
      <details>
        <summary>As the launcher gets it</summary>
        <pre tabIndex={0}>{JSON.stringify(row.op, null, 2)}</pre>
      </details>
    </article>
  );
}

/** A path may be broken after a slash, and only there if that is enough. */
function Paths({ text }: { text: string }) {
  return text.split(/(?<=[/_])/).map((part, at) => (
    <Fragment key={at}>
      {part}
      <wbr />
    </Fragment>
  ));
}
