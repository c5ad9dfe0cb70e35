/** Keeps what has just died in the list for a while, so that one sees who it was. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Branch } from "./tree.ts";

const SHOWN_MS = 5000;

export type Dying<T> = Branch<T> & { dead: boolean };

export function useDying<T extends { pid: number }>(rows: readonly Branch<T>[]): Dying<T>[] {
  const before = useRef<readonly Branch<T>[]>([]);
  const dead = useRef(new Map<number, { row: Branch<T>; after: number | undefined; until: number }>());
  const [, again] = useState(0);
  const alive = new Set(rows.map(({ item }) => item.pid));
  const now = Date.now();
  // A list that lost most of its rows at once was filtered, or is another one's.
  const lost = before.current.filter(({ item }) => !alive.has(item.pid));
  if (lost.length > 0 && lost.length <= 40)
    for (const row of lost) {
      const at = before.current.indexOf(row);
      dead.current.set(row.item.pid, { row, after: before.current[at - 1]?.item.pid, until: now + SHOWN_MS });
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
