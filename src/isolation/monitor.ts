/** What the monitor does for the process: its log, its socket, its exit record, its stdio. */
import { planned } from "./op.ts";
import type { Op, PlannedOp } from "./plan.ts";
import type { MonitorSpec, ProcessSpec } from "./spec.ts";

/** Stage launcher, first: from here on an early death is recorded, and nothing that is written gets lost. */
export function monitorOps(monitor: MonitorSpec, process: ProcessSpec): PlannedOp[] {
  const ops: Op[] = [];
  if (monitor.log) ops.push({ op: "log_json", ...monitor.log });
  if (monitor.exitRecord !== "") ops.push({ op: "exit_record", path: monitor.exitRecord });
  if (monitor.socket !== "") ops.push({ op: "listen", path: monitor.socket });
  ops.push({
    op: "stdio",
    pty: process.terminal !== null,
    rows: process.terminal?.rows ?? 0,
    cols: process.terminal?.cols ?? 0,
    stdin: process.stdin,
    stdinOnce: process.stdinOnce,
    attached: monitor.attached,
  });
  if (monitor.owner) ops.push({ op: "own_stdio", ...monitor.owner });
  return planned("launcher", "stdio", ...ops);
}

/** Stage exit, last: the socket's name goes when nobody listens any more. */
export function monitorExitOps(monitor: MonitorSpec): PlannedOp[] {
  return monitor.socket === "" ? [] : planned("exit", "cleanup", { op: "unlink", path: monitor.socket });
}
