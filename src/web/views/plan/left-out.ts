/** Which operations of a plan stand for a step that a lab can leave out. Names are the engine's: GET /cloche/v1/lab. */
import type { PlanRow } from "../../../wire/glass.ts";

/** Of a container: what its lab left out, with commas between. */
export const ANNOTATION = "cloche.lab.without";

/** clone(2), linux/sched.h */
const CLONE_NEW = {
  "pid-namespace": 0x20000000,
  "net-namespace": 0x40000000,
  "uts-namespace": 0x04000000,
  "ipc-namespace": 0x08000000,
  "cgroup-namespace": 0x02000000,
};
/** Files of control groups, v1 and v2. */
const LIMITS = {
  "memory-limit": /\/memory\.(limit_in_bytes|soft_limit_in_bytes|memsw\.limit_in_bytes|max|low|swap\.max)$/,
  "cpu-limit": /\/cpu\.(cfs_quota_us|cfs_period_us|max)$/,
  "pids-limit": /\/pids\.max$/,
};
const KINDS = { hostname: "sethostname", "masked-paths": "mask", seccomp: "seccomp" };

/** @returns false too for a step that this page has not heard of */
export function isOf(step: string, { op }: Pick<PlanRow, "op">): boolean {
  if (keyOf(CLONE_NEW, step))
    return (op.op === "clone" || op.op === "unshare") && (Number(op.flags) & CLONE_NEW[step]) !== 0;
  if (keyOf(LIMITS, step)) return op.op === "write_file" && LIMITS[step].test(String(op.path));
  return keyOf(KINDS, step) && op.op === KINDS[step];
}

const keyOf = <T extends object>(table: T, key: string): key is string & keyof T => Object.hasOwn(table, key);
