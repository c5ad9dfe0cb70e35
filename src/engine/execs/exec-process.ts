/**
 * The process of an exec. What holds for the container's own process holds for it too (system call filter, capabilities,
 * limits), and is read from where it was carried out: the plan of the container's start.
 */
import { resolveUser } from "../../isolation/identity.ts";
import type { Op, OpName, Plan } from "../../isolation/plan.ts";
import type { ExecSpec, ProcessSpec } from "../../isolation/spec.ts";
import { capabilitiesOfMask } from "../../kernel/capabilities.ts";
import { namespaceFlags } from "../../kernel/namespaces.ts";
import { rlimitNames } from "../../kernel/rlimits.ts";
import type { ContainerRecord } from "../containers/container.ts";
import { conflict, invalid } from "../errors.ts";
import type { Cgroups } from "../ports.ts";
import { execEnvironment } from "./environment.ts";
import type { ExecConfig } from "./exec.ts";

export type ExecSpecRequest = {
  record: ContainerRecord;
  config: ExecConfig;
  /** Texts of the container's /etc/passwd and /etc/group. */
  accounts: { passwd: string | undefined; group: string | undefined };
  cgroups: Pick<Cgroups, "layout">;
  /** Those of a privileged exec. */
  capabilities: string[];
  /** Others than the container's own processes are in its PID namespace, or may do there more than it may. */
  strangers: boolean;
  /** A client waits for its output. */
  attached: boolean;
};

/** @throws EngineError conflict when the container does not run, invalid cwd; InvalidInput on an unknown user */
export function execSpec(request: ExecSpecRequest): ExecSpec {
  const { record, cgroups, strangers, attached } = request;
  const { process: target } = record.state;
  const plan = record.plan?.plan;
  if (!target || !plan) throw conflict(`container ${record.id} is not running`);
  return {
    target,
    namespaces: namespacesOf(plan),
    cgroup: { layout: cgroups.layout, path: record.cgroupPath },
    mayBeTraced: strangers || boundingOf(plan).includes("SYS_PTRACE"),
    process: processOf(plan, request),
    // Its output goes to the channel alone, and its exit code to the event: an exec leaves no file behind.
    monitor: { socket: "", exitRecord: "", log: null, ...pipeOwner(plan), attached },
  };
}

function processOf(plan: Plan, { record, config, accounts, capabilities }: ExecSpecRequest): ProcessSpec {
  const user = config.user || record.config.User;
  const cwd = config.workingDir || record.config.WorkingDir || "/";
  if (!cwd.startsWith("/"))
    throw invalid("OCI runtime exec failed: exec failed: Cwd must be an absolute path: unknown");
  const identity = resolveUser({ user, ...accounts, groupAdd: record.hostConfig.GroupAdd ?? [] });
  const bounding = config.privileged ? capabilities : boundingOf(plan);
  // What execve(2) leaves to a user that is not root is nothing: docker does not even ask for it.
  const held = identity.uid === 0 ? bounding : [];
  const { rlimits, umask, oomScoreAdj } = limitsOf(plan);
  return {
    argv: config.cmd,
    env: execEnvironment(record, { ...config, linked: linkedOf(plan, record) }, identity.home),
    cwd,
    uid: identity.uid,
    gid: identity.gid,
    groups: identity.groups,
    capabilities: { bounding, effective: held, permitted: held, inheritable: [], ambient: [] },
    noNewPrivileges: opsOf(plan, "no_new_privs").length > 0,
    rlimits,
    ...(umask !== undefined && { umask }),
    ...(oomScoreAdj !== undefined && { oomScoreAdj }),
    seccomp: seccompOf(plan),
    terminal: config.tty ? { rows: config.consoleSize[0], cols: config.consoleSize[1] } : null,
    stdin: config.attachStdin,
    stdinOnce: true,
    init: false,
  };
}

function opsOf<Name extends OpName>(plan: Plan, name: Name): Extract<Op, { op: Name }>[] {
  return plan.ops.filter((op): op is Extract<typeof op, { op: Name }> => op.op === name && op.stage !== "exit");
}

/** All namespaces that the container's process was put into, be they its own or shared with another container. */
function namespacesOf(plan: Plan): ExecSpec["namespaces"] {
  let flags = 0;
  for (const name of ["clone", "child_setns", "unshare", "setns", "setns_path"] as const) {
    for (const op of opsOf(plan, name)) flags |= op.flags;
  }
  const entered = (name: keyof typeof namespaceFlags) => (flags & namespaceFlags[name]) !== 0;
  return {
    pid: entered("pid"),
    mnt: entered("mnt"),
    uts: entered("uts"),
    ipc: entered("ipc"),
    net: entered("net"),
    cgroup: entered("cgroup"),
    user: entered("user"),
  };
}

/** Variables that come from links: those of the start that neither the engine nor the configuration has set. */
function linkedOf(plan: Plan, { config, hostConfig }: ContainerRecord): string[] {
  if (!hostConfig.Links?.length) return [];
  const [op] = opsOf(plan, "execve");
  const nameOf = (entry: string) => entry.split("=", 1)[0] ?? "";
  const others = new Set(["PATH", "HOSTNAME", "TERM", "HOME", ...config.Env.map(nameOf)]);
  return (op?.env ?? []).filter((entry) => !others.has(nameOf(entry)));
}

/** In a user namespace: its root, as the container's start had it. */
function pipeOwner(plan: Plan): Pick<ExecSpec["monitor"], "owner"> {
  const [op] = opsOf(plan, "own_stdio");
  return op ? { owner: { uid: op.uid, gid: op.gid } } : {};
}

function boundingOf(plan: Plan): string[] {
  const [op] = opsOf(plan, "cap_bounding");
  return op ? capabilitiesOfMask(BigInt(op.mask)) : [];
}

function seccompOf(plan: Plan): ProcessSpec["seccomp"] {
  const [op] = opsOf(plan, "seccomp");
  return op ? { program: op.program, flags: op.flags } : null;
}

function limitsOf(plan: Plan): Pick<ProcessSpec, "rlimits" | "umask" | "oomScoreAdj"> {
  const score = opsOf(plan, "write_proc").find(({ path }) => path === "/proc/self/oom_score_adj");
  const umask = opsOf(plan, "umask")[0]?.mask;
  return {
    rlimits: opsOf(plan, "rlimit").map(({ resource, soft, hard, optional }) => ({
      resource: rlimitNames[resource] ?? String(resource),
      soft,
      hard,
      required: !optional,
    })),
    ...(umask !== undefined && { umask }),
    ...(score && { oomScoreAdj: Number(score.data) }),
  };
}
