/** Stdio as the process sees it: a pty of the container's own, or the monitor's pipes. */
import { ttyGroup } from "./defaults.ts";
import { planned } from "./op.ts";
import type { PlannedOp } from "./plan.ts";
import type { ProcessSpec } from "./spec.ts";

/**
 * Stage container, after devpts is mounted. The pty's slave is the user's, so that it may be opened again by name.
 * @param options.console bind the pty to /dev/console (a container's first process)
 */
export function stdioOps(process: ProcessSpec, options: { console: boolean }): PlannedOp[] {
  if (!process.terminal) return planned("container", "stdio", { op: "pipes" });
  return planned("container", "stdio", { op: "pty", console: options.console, uid: process.uid, gid: ttyGroup });
}
