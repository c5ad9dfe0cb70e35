/** Where the script's own container stands, while the plan's may still run. */
import { scopeOf } from "../cgroups/scope.ts";
import { quote } from "../explain/explainer.ts";
import type { Plan } from "../plan.ts";

export type Places = {
  /** the container's cgroup in each hierarchy, as the plan has it */
  directories: string[];
  /** a path as a word of the script, the container's own cgroup replaced by the script's */
  shown(path: string): string;
};

/** @param cgroupPath of the plan's container, "/docker/ID" */
export function placesOf({ ops }: Plan, cgroupPath: string): Places {
  const directories = ops.flatMap((op) => (op.op === "cgroup_create" || op.op === "cgroup_keep" ? [op.path] : []));
  const leaf = cgroupPath.slice(cgroupPath.lastIndexOf("/") + 1);
  const box = boxWord(cgroupPath);
  const owned = (path: string) =>
    directories.some((directory) => path === directory || path.startsWith(`${directory}/`));
  return {
    directories,
    shown(path) {
      const at = owned(path) ? path.indexOf(`/${leaf}`) : -1;
      if (at < 0) return quote(path);
      const after = path.slice(at + leaf.length + 1);
      // Each part for itself: a cgroup parent may hold whatever the shell takes for an order.
      return `${quote(path.slice(0, at + 1))}${box}${after && quote(after)}`;
    },
  };
}

/** The name of the script's own cgroup: systemd tells a scope by its ending. */
function boxWord(cgroupPath: string): string {
  return scopeOf(cgroupPath) ? '"$box".scope' : '"$box"';
}
