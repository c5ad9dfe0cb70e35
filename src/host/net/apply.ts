/** Netlink work for a process that already runs: a network is connected or disconnected. */
import { readFile } from "node:fs/promises";
import { EngineError } from "../../engine/errors.ts";
import type { Launcher } from "../../engine/ports.ts";
import type { Plan, PlannedOp } from "../../isolation/plan.ts";
import type { NetworkSpec, ProcessRef } from "../../isolation/spec.ts";

const CLONE_NEWNET = 0x40000000;
const SLOT = 0;

/** A short plan: the host's messages before the fork's child goes on, the container's after it has joined its namespace. */
export async function applyToProcess(launcher: Launcher, process: ProcessRef, spec: NetworkSpec): Promise<void> {
  const ops: PlannedOp[] = [
    {
      op: "stdio",
      pty: false,
      rows: 0,
      cols: 0,
      stdin: false,
      stdinOnce: false,
      attached: false,
      stage: "launcher",
      phase: "stdio",
    },
    {
      op: "open_process",
      slot: SLOT,
      pid: process.pid,
      startTime: process.startTime,
      stage: "launcher",
      phase: "namespaces",
    },
    { op: "clone", flags: 0, stage: "launcher", phase: "namespaces" },
    ...spec.host.map(
      (part): PlannedOp => ({ op: "netlink", ...part, optional: false, stage: "parent", phase: "network" }),
    ),
    { op: "setns", slot: SLOT, flags: CLONE_NEWNET, stage: "container", phase: "namespaces" },
    ...spec.container.map(
      (part): PlannedOp => ({
        op: "netlink",
        label: part.label,
        messages: part.messages,
        optional: part.optional ?? false,
        stage: "container",
        phase: "network",
      }),
    ),
    { op: "pipes", stage: "container", phase: "stdio" },
    { op: "close_range", first: 3, stage: "container", phase: "exec" },
    { op: "execve", argv: ["true"], env: [], searchPath: "/usr/bin:/bin", stage: "container", phase: "exec" },
  ];
  const plan: Plan = { version: 1, ops };
  const launched = await launcher.launch(plan);
  await launched.exit;
}

/** From /proc/PID/net/dev, which shows the process' own network namespace. */
export async function interfaceNames(process: ProcessRef): Promise<string[]> {
  const text = await readFile(`/proc/${process.pid}/net/dev`, "utf8").catch((cause: Error) => {
    throw new EngineError("conflict", `process ${process.pid} is gone`, { cause });
  });
  return text.split("\n").flatMap((line) => /^\s*([^:\s]+):/.exec(line)?.[1] ?? []);
}
