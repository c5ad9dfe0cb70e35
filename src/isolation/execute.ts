/** Become the program. */
import { defaultPath } from "./defaults.ts";
import { planned } from "./op.ts";
import type { PlannedOp } from "./plan.ts";
import type { ProcessSpec } from "./spec.ts";

/** Stage container, while the root is writable: a missing working directory is made, as root's (WORKDIR, docker run -w). */
export function workingDirectoryOps({ cwd }: ProcessSpec): PlannedOp[] {
  return cwd === "/" ? [] : planned("container", "rootfs", { op: "mkdir", path: cwd, mode: 0o755, uid: 0, gid: 0 });
}

/** Stage container, in the final root, as root still: the working directory, and nothing open but stdio. */
export function settleOps({ cwd }: ProcessSpec): PlannedOp[] {
  return planned(
    "container",
    "exec",
    { op: "chdir", path: cwd, create: false, uid: 0, gid: 0 },
    // Before the filter, which may not know close_range(2).
    { op: "close_range", first: 3 },
  );
}

/** Stage container, last. */
export function executeOps({ argv, env, init }: ProcessSpec): PlannedOp[] {
  return planned(
    "container",
    "exec",
    // After identity and filter: what stays as PID 1 has no more power than the program.
    ...(init ? ([{ op: "init" }] as const) : []),
    { op: "execve", argv, env, searchPath: searchPath(env) },
  );
}

/** Of a variable given twice the first counts, as for getenv(3). */
function searchPath(env: readonly string[]): string {
  return env.find((variable) => variable.startsWith("PATH="))?.slice("PATH=".length) ?? defaultPath;
}
