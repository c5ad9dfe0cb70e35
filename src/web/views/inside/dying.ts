/** Keeps what has just died in the list for a while, so that one sees who it was; but not who came and went within a moment. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Branch } from "./tree.ts";

const SHOWN_MS = 5000;
/** Who has lived shorter is not mourned: on a busy host the list would be full of them. */
const KNOWN_MS = 3000;

export type Dying<T> = Branch<T> & { dead: boolean };

/** @param lives is that process still there, though it may be filtered out of the rows? */
export function useDying<T extends { pid: number; ppid: number }>(
  rows: readonly Branch<T>[],
  lives: (pid: number) => boolean,
): Dying<T>[] {
  const before = useRef<readonly Branch<T>[]>([]);
  const dead = useRef(new Map<number, { row: Branch<T>; after: number | undefined; until: number }>());
  const since = useRef(new Map<number, number>());
  const [, again] = useState(0);
  const alive = new Set(rows.map(({ item }) => item.pid));
  const now = Date.now();
  for (const [at, row] of before.current.entries()) {
    const { pid } = row.item;
    if (alive.has(pid) || lives(pid)) continue;
    if (now - (since.current.get(pid) ?? 0) < KNOWN_MS) continue;
    dead.current.set(pid, { row, after: before.current[at - 1]?.item.pid, until: now + SHOWN_MS });
  }
  // Who was there at the first look has been there for long.
  const first = since.current.size === 0;
  since.current = new Map([...alive].map((pid) => [pid, since.current.get(pid) ?? (first ? 0 : now)]));
  before.current = rows;
  for (const [pid, { until }] of dead.current) if (until <= now || alive.has(pid)) dead.current.delete(pid);
  useEffect(() => {
    if (dead.current.size === 0) return;
    const timer = setTimeout(() => again((count) => count + 1), SHOWN_MS + 50);
    return () => clearTimeout(timer);
  });

  const shown: Dying<T>[] = rows.map((row) => ({ ...row, dead: false }));
  for (const { row, after } of dead.current.values()) {
    // Where it stood; if who stood before it is gone too, below its parent; else at the end.
    const at = [after, row.item.ppid]
      .map((pid) => shown.findIndex(({ item }) => item.pid === pid))
      .find((at) => at >= 0);
    shown.splice(after === undefined ? 0 : (at ?? shown.length) + 1, 0, { ...row, dead: true });
  }
  return shown;
}
