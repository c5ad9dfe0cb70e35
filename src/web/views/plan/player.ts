/** Where the replay stands, and its clock. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { PlanAnswer, PlanRow } from "../../../wire/glass.ts";

export type Step = {
  row: PlanRow;
  phase: string;
  /** number of its phase among all */
  phaseAt: number;
  /** microseconds from the first operation to the begin of this */
  begins: number;
  /** phases of which something has been done before */
  met: ReadonlySet<string>;
};

export function stepsOf(plan: PlanAnswer): Step[] {
  let begins = 0;
  let met: ReadonlySet<string> = new Set();
  return plan.phases.flatMap(({ phase, rows }, phaseAt) =>
    rows.map((row) => {
      const step = { row, phase, phaseAt, begins, met };
      if (!met.has(phase)) met = new Set([...met, phase]);
      begins += row.microseconds ?? 0;
      return step;
    }),
  );
}

export type Player = {
  at: number;
  playing: boolean;
  goTo: (at: number) => void;
  step: (by: 1 | -1) => void;
  toggle: () => void;
  phase: (by: 1 | -1) => void;
};

/** An operation stays for a time that grows with the root of its own: from 1 µs to 20 ms all can be followed. */
const stayMs = (step: Step | undefined) => Math.min(1800, 120 + 9 * Math.sqrt(step?.row.microseconds ?? 0));

export function usePlayer(steps: Step[]): Player {
  const [at, setAt] = useState(0);
  const [playing, setPlaying] = useState(false);
  const last = steps.length - 1;
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => (at < last ? setAt(at + 1) : setPlaying(false)), stayMs(steps[at]));
    return () => clearTimeout(timer);
  }, [playing, at, last, steps]);
  const player = useMemo<Player>(
    () => ({
      at,
      playing,
      goTo: (to) => setAt(Math.min(last, Math.max(0, to))),
      // From where it stands when its turn comes: keys may come faster than the page is drawn.
      step: (by) => setAt((at) => Math.min(last, Math.max(0, at + by))),
      toggle() {
        if (!playing && at === last) setAt(0);
        setPlaying(!playing);
      },
      phase: (by) =>
        setAt((at) => {
          const now = steps[at]?.phaseAt ?? 0;
          const to = steps.findIndex(({ phaseAt }) => phaseAt === now + by);
          return to >= 0 ? to : by > 0 ? last : 0;
        }),
    }),
    [at, playing, last, steps],
  );
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || !meantForPage(event.target, event.key)) return;
      const action = actionOf(event.key, player, last);
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [player, last]);
  return player;
}

function actionOf(key: string, player: Player, last: number): (() => void) | undefined {
  switch (key) {
    case " ":
      return player.toggle;
    case "ArrowRight":
      return () => player.step(1);
    case "ArrowLeft":
      return () => player.step(-1);
    case "]":
      return () => player.phase(1);
    case "[":
      return () => player.phase(-1);
    case "Home":
      return () => player.goTo(0);
    case "End":
      return () => player.goTo(last);
    default:
      return undefined;
  }
}

/** A field takes all keys for itself, a button or a link the one that presses it. */
function meantForPage(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return true;
  if (target.closest("input, select, textarea, dialog, .xterm")) return false;
  return !(key === " " && target.closest("button, a, summary"));
}
