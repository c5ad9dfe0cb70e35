/** Processes in the order of their tree: children below their parents. */

export type Branch<T> = { item: T; depth: number };

export function asTree<T extends { pid: number; ppid: number }>(items: readonly T[]): Branch<T>[] {
  const children = new Map<number, T[]>();
  const known = new Set(items.map(({ pid }) => pid));
  const roots: T[] = [];
  for (const item of [...items].sort((a, b) => a.pid - b.pid)) {
    if (!known.has(item.ppid) || item.ppid === item.pid) roots.push(item);
    else {
      const siblings = children.get(item.ppid);
      if (siblings) siblings.push(item);
      else children.set(item.ppid, [item]);
    }
  }
  const rows: Branch<T>[] = [];
  const walk = (item: T, depth: number) => {
    rows.push({ item, depth });
    for (const child of children.get(item.pid) ?? []) walk(child, depth + 1);
  };
  for (const root of roots) walk(root, 0);
  return rows;
}
