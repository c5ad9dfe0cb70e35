/** Keeps what has just died in the list for a while, so that one sees who it was. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Branch } from "./tree.ts";

const SHOWN_MS = 5000;

export type Dying<T> = Branch<T> & { dead: boolean };

/** @param lives is that process still there, though it may be filtered out of the rows? */
export function useDying<T extends { pid: number }>(
  rows: readonly Branch<T>[],
  lives: (pid: number) => boolean,
): Dying<T>[] {
  const before = useRef<readonly Branch<T>[]>([]);
  const dead = useRef(new Map<number, { row: Branch<T>; after: number | undefined; until: number }>());
  const [, again] = useState(0);
  const alive = new Set(rows.map(({ item }) => item.pid));
  const now = Date.now();
  for (const [at, row] of before.current.entries()) {
    const { pid } = row.item;
    if (alive.has(pid) || lives(pid)) continue;
    dead.current.set(pid, { row, after: before.current[at - 1]?.item.pid, until: now + SHOWN_MS });
  }
  before.current = rows;
  for (const [pid, { until }] of dead.current) if (until <= now || alive.has(pid)) dead.current.delete(pid);
  useEffect(() => {
    if (dead.current.size === 0) return;
    const timer = setTimeout(() => again((count) => count + 1), SHOWN_MS + 50);
    return () => clearTimeout(timer);
  });

  const shown: Dying<T>[] = rows.map((row) => ({ ...row, dead: false }));
  for (const { row, after } of dead.current.values()) {
    const at = shown.findIndex(({ item }) => item.pid === after);
    shown.splice(at + 1, 0, { ...row, dead: true });
  }
  return shown;
}
