/** A seccomp policy in the words of docker's profile JSON, which are OCI's plus conditions on the host and the container. */

export type SeccompAction =
  | "SCMP_ACT_ALLOW"
  | "SCMP_ACT_ERRNO"
  | "SCMP_ACT_KILL"
  | "SCMP_ACT_KILL_THREAD"
  | "SCMP_ACT_KILL_PROCESS"
  | "SCMP_ACT_TRAP"
  | "SCMP_ACT_TRACE"
  | "SCMP_ACT_LOG";

export type Comparison =
  | "SCMP_CMP_EQ"
  | "SCMP_CMP_NE"
  | "SCMP_CMP_LT"
  | "SCMP_CMP_LE"
  | "SCMP_CMP_GT"
  | "SCMP_CMP_GE"
  /** (argument & value) == valueTwo */
  | "SCMP_CMP_MASKED_EQ";

/** A condition on argument `index` (0..5), compared as 64 bit unsigned. */
export type ArgumentRule = { index: number; op: Comparison; value: bigint; valueTwo: bigint };

/** Conditions on where a rule holds. As includes, each that is given must be met; as excludes, none may be. */
export type RuleScope = {
  /** Go's names of architectures: amd64, arm64 … */
  arches?: string[];
  /** Names with or without CAP_. */
  caps?: string[];
  /** "4.8": this kernel or a newer one. */
  minKernel?: string;
};

export type SyscallRule = {
  names: string[];
  action: SeccompAction;
  /** Errno for SCMP_ACT_ERRNO, data for SCMP_ACT_TRACE; EPERM when absent. */
  errnoRet?: number;
  args: ArgumentRule[];
  includes?: RuleScope;
  excludes?: RuleScope;
};

export type SeccompProfile = {
  defaultAction: SeccompAction;
  defaultErrnoRet?: number;
  /** SCMP_ARCH_* beside the native one. */
  architectures?: string[];
  /** The same by native architecture: only the entry of the host counts. */
  archMap?: { architecture: string; subArchitectures: string[] }[];
  /** SECCOMP_FILTER_FLAG_*; absent: SPEC_ALLOW, as OCI runtimes do. */
  flags?: string[];
  syscalls: SyscallRule[];
};
