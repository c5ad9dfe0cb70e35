/** What the process is limited by itself: rlimits, its place in the OOM killer's list, its umask. */
import { rlimitResource } from "../kernel/rlimits.ts";
import { defaultUmask } from "./defaults.ts";
import { planned } from "./op.ts";
import type { Op, PlannedOp } from "./plan.ts";
import type { ProcessSpec } from "./spec.ts";

/** Stage container, in the host's /proc: before the mount namespace is changed or entered. Inherited by fork and execve. */
export function oomScoreOps({ oomScoreAdj }: ProcessSpec): PlannedOp[] {
  if (oomScoreAdj === undefined) return [];
  return planned("container", "limits", {
    op: "write_proc",
    path: "/proc/self/oom_score_adj",
    data: String(oomScoreAdj),
    // 0 is what nobody asked for; to get down to it from the engine's own score takes CAP_SYS_RESOURCE (proc_pid_oom_score_adj(5)).
    optional: oomScoreAdj === 0,
  });
}

/** Stage container, as root still: to raise a hard limit takes CAP_SYS_RESOURCE (getrlimit(2)). */
export function limitOps({ rlimits, umask }: ProcessSpec): PlannedOp[] {
  return planned(
    "container",
    "limits",
    { op: "umask", mask: umask ?? defaultUmask },
    ...rlimits.map(
      ({ resource, soft, hard, required }): Op => ({
        op: "rlimit",
        resource: rlimitResource(resource),
        soft,
        hard,
        optional: !required,
      }),
    ),
  );
}
