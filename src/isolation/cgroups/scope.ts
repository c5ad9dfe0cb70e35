/** Cgroups that systemd makes: a container's is a transient scope in a slice (systemd.scope(5), systemd.slice(5)). */
import type { Resources } from "../spec.ts";

/** The cgroup below a scope in which its keeper stands: see plan.ts, cgroup_keep. */
export const KEEPER = "cloche-keeper";

const SCOPE = /^(?:.*\/([^/]+\.slice))?\/(docker-[0-9a-f]+\.scope)$/;

/** The unit and its slice, if the path is such a scope's; which driver made a cgroup is told by its path alone. */
export function scopeOf(path: string): { unit: string; slice: string } | undefined {
  const match = SCOPE.exec(path);
  return match?.[2] === undefined ? undefined : { unit: match[2], slice: match[1] ?? "-.slice" };
}

/** "a-b.slice" is below "a.slice": "/a.slice/a-b.slice". @throws Error when it is no slice's name */
export function slicePath(slice: string): string {
  if (slice === "-.slice") return "";
  const name = slice.endsWith(".slice") ? slice.slice(0, -".slice".length) : "";
  const parts = name.split("-");
  if (name.includes("/") || parts.includes("")) throw new Error(`invalid slice name: ${slice}`);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("-")}.slice`).join("");
}

/** The keeper is a process of the scope's, too: a limit on their number leaves room for it. */
export function withKeeper(path: string, resources: Resources): Resources {
  const { pidsLimit } = resources;
  return pidsLimit && pidsLimit > 0 && scopeOf(path) ? { ...resources, pidsLimit: pidsLimit + 1 } : resources;
}
