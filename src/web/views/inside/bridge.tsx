/** Between the lists: one process with its numbers, walls and powers, and the two ways to kill it. */
import type { LiveEntry, ProcessView } from "../../../wire/glass.ts";
import { findContainer, isUp, nameOf, processes } from "../../state/live.ts";
import { linkTo } from "../../state/route.ts";
import { bytes } from "../../text.ts";
import { KillPanel } from "./kill.tsx";
import { lit, picked } from "./lit.ts";

export function Bridge({ entry, inside }: { entry: LiveEntry; inside: readonly ProcessView[] }) {
  const pid = picked.value ?? lit.value?.pid;
  const view = inside.find((process) => process.pid === pid);
  const other = pid === undefined ? undefined : processes.value.get(pid);
  return (
    <section class="bridge" aria-label="The process pointed at">
      <div class="about">{view ? <Both view={view} /> : other ? <OnlyOutside pid={other.pid} /> : <Hint />}</div>
      <KillPanel key={entry.Id} entry={entry} inside={inside} view={isUp(entry) ? view : undefined} />
    </section>
  );
}

function Hint() {
  return (
    <p class="hint">
      Point at a process, or walk through the lists with Tab, to see its numbers on both sides. A click keeps it here.
    </p>
  );
}

function OnlyOutside({ pid }: { pid: number }) {
  const process = processes.value.get(pid);
  if (!process) return null;
  const home = process.container ? findContainer(process.container) : undefined;
  return (
    <>
      <Chain numbers={process.pids} />
      <p class="what">{process.command}</p>
      {home ? (
        <p>
          It lives in another container: <a href={linkTo("inside", nameOf(home))}>look inside {nameOf(home)}</a>
        </p>
      ) : (
        <p class="hint">
          {process.owner === "host"
            ? "A process of the host itself: no container has it inside."
            : process.owner === "unknown"
              ? "It has a control group and namespaces of its own, but their names do not tell whose container it is."
              : `It belongs to ${process.owner}, which is not this engine's.`}
        </p>
      )}
    </>
  );
}

function Both({ view }: { view: ProcessView }) {
  const own = view.namespaces.filter(({ host }) => !host);
  const shared = view.namespaces.filter(({ host }) => host).map(({ kind }) => kind);
  const { effective, bounding } = view.capabilities;
  return (
    <>
      <Chain numbers={view.pids.map(({ pid }) => pid)} />
      <p class="what">{view.command}</p>
      <dl class="facts tight">
        <div>
          <dt>NSpid</dt>
          <dd>
            <code>{view.pids.map(({ pid }) => pid).join(" ")}</code> in /proc/{view.pid}/status
          </dd>
        </div>
        <div>
          <dt>User</dt>
          <dd>
            {view.user.outside} outside, {view.user.inside ?? "no number"} inside
            {view.user.outside === 0 && view.user.inside === 0 && ": root is the same root"}
          </dd>
        </div>
        <div>
          <dt>Own namespaces</dt>
          <dd>{own.map(({ kind }) => kind).join(", ") || "none"}</dd>
        </div>
        <div>
          <dt>The host's</dt>
          <dd>{shared.join(", ") || "none"}</dd>
        </div>
        <div>
          <dt>Powers</dt>
          <dd>
            {effective.length} of root's 41 now, {bounding.length} at most
          </dd>
        </div>
        <div>
          <dt>System calls</dt>
          <dd>{view.seccomp.mode === "filter" ? "filtered by seccomp" : "not filtered"}</dd>
        </div>
        <div>
          <dt>Memory</dt>
          <dd>
            {bytes(view.memory)}, {(view.cpuMilliseconds / 1000).toFixed(2)} s of CPU
          </dd>
        </div>
      </dl>
    </>
  );
}

/** "20073 → 1": outermost first. */
function Chain({ numbers }: { numbers: readonly number[] }) {
  return (
    <p class="chain">
      {numbers.map((number, at) => (
        <span key={at}>
          {at > 0 && (
            <i role="img" aria-label="which inside is">
              →
            </i>
          )}
          <b>{number}</b>
          <small>{at === 0 ? "outside" : at === numbers.length - 1 ? "inside" : "between"}</small>
        </span>
      ))}
    </p>
  );
}
