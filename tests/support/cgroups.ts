import { globSync, rmdirSync } from "node:fs";

/**
 * Remove a cgroup and those below it from all hierarchies, the deepest first.
 * @param parent path without leading slash
 * @returns whether none is left
 */
export function removeCgroups(parent: string): boolean {
  const paths = globSync([`/sys/fs/cgroup/{${parent},*/${parent}}`, `/sys/fs/cgroup/{${parent},*/${parent}}/**/`]);
  let left = false;
  for (const path of paths.sort((a, b) => b.length - a.length)) {
    try {
      rmdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") left = true;
    }
  }
  return !left;
}
