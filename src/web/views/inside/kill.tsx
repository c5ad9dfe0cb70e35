/** Kill from either side, and say who died of it. */
import { useState } from "preact/hooks";
import type { LiveEntry, ProcessView } from "../../../wire/glass.ts";
import { ask, textOf } from "../../api.ts";
import { confirm } from "../../parts/confirm.tsx";
import { entries, maps, nameOf } from "../../state/live.ts";
import { plural } from "../../text.ts";
import { stateWords } from "../container/words.ts";

type Outcome = { command: string; exitCode: number };
type Result = { command: string; text: string; died: string[] };

const SIGNALS = ["KILL", "TERM", "STOP", "CONT", "HUP", "USR1"];
/** The engine looks each second: after that long it has seen who is gone. */
const LOOK_MS = 2500;

type Props = { entry: LiveEntry; inside: readonly ProcessView[]; view: ProcessView | undefined };

export function KillPanel({ entry, inside, view }: Props) {
  const [signal, setSignal] = useState("KILL");
  const [result, setResult] = useState<Result | undefined>();
  const send = async (from: "inside" | "outside", process: ProcessView) => {
    const number = innerPid(process);
    setResult({ command: "", text: "…", died: [] });
    try {
      const outcome = await ask<Outcome>(
        "POST",
        from === "outside" ? `/cloche/v1/processes/${process.pid}/signal` : `/cloche/v1/containers/${entry.Id}/signal`,
        {
          query: from === "outside" ? { signal, startTime: process.startTime } : { pid: number, signal },
        },
      );
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      setResult(outcomeOf(entry.Id, inside, outcome, { number, signal, from }));
    } catch (error) {
      setResult({ command: "", text: textOf(error), died: [] });
    }
  };
  const button = (from: "inside" | "outside") => (
    <button
      type="button"
      class="danger"
      disabled={!view}
      onClick={() =>
        view &&
        confirm({
          title: `Send SIG${signal} to ${from === "outside" ? view.pid : innerPid(view)} from ${from}?`,
          text: forecast(view, signal, from),
          action: `kill -${signal} ${from === "outside" ? view.pid : innerPid(view)}`,
          run: () => void send(from, view),
        })
      }
    >
      kill from {from}
    </button>
  );
  return (
    <div class="kill">
      <label class="picker">
        <span>Signal</span>
        <select value={signal} onChange={(event) => setSignal(event.currentTarget.value)}>
          {SIGNALS.map((name) => (
            <option key={name} value={name}>
              SIG{name}
            </option>
          ))}
        </select>
      </label>
      {button("inside")}
      {button("outside")}
      {!view && !result && <small class="hint">Choose a process of {nameOf(entry)} first.</small>}
      {result && (
        <div class="result" role="status">
          {result.command && <code>{result.command}</code>}
          <p>{result.text}</p>
          {result.died.length > 0 && (
            <ul>
              {result.died.map((text) => (
                <li key={text}>✝ {text}</li>
              ))}
            </ul>
          )}
        </div>
      )}
    </div>
  );
}

const innerPid = (process: ProcessView) => process.pids.at(-1)?.pid ?? process.pid;

function forecast(view: ProcessView, signal: string, from: "inside" | "outside"): string {
  if (innerPid(view) !== 1)
    return `${view.command} gets the signal, from a process ${from === "outside" ? "of the host" : "in the container"}.`;
  return from === "outside"
    ? `It is PID 1 inside. Killed from outside it dies, the kernel kills every other process of its PID namespace, and the container has ended.${signal === "KILL" ? "" : " A signal that it has no handler for is kept from it, unless it is SIGKILL or SIGSTOP."}`
    : "It is PID 1 inside: from there the kernel keeps every signal from it that it has no handler for, SIGKILL too. See what happens.";
}

function outcomeOf(
  id: string,
  before: readonly ProcessView[],
  outcome: Outcome,
  sent: { number: number; signal: string; from: "inside" | "outside" },
): Result {
  const entry = entries.value.get(id);
  const up = entry?.State === "running" || entry?.State === "paused";
  const alive = new Set(up ? maps.value.get(id)?.processes.map(({ pid }) => pid) : []);
  const died = before
    .filter(({ pid }) => !alive.has(pid))
    .map((gone) => `${gone.pid} → ${innerPid(gone)}  ${gone.command}`);
  const end = entry === undefined ? " The container is gone." : up ? "" : ` The container: ${stateWords(entry)}.`;
  const why =
    died.length > 0
      ? `${plural(died.length, "process has", "processes have")} died.`
      : outcome.exitCode !== 0
        ? `The command ended with ${outcome.exitCode}: ${outcome.exitCode === 127 ? "there is no shell inside" : "it may not, or the process is gone"}.`
        : sent.number === 1 && sent.from === "inside"
          ? "Nobody died: the kernel keeps PID 1 from what its own namespace sends (pid_namespaces(7))."
          : "Nobody died of it.";
  return { command: outcome.command.replace(id, nameOfId(id)), text: why + end, died };
}

function nameOfId(id: string): string {
  const entry = entries.value.get(id);
  return entry ? nameOf(entry) : id.slice(0, 12);
}
