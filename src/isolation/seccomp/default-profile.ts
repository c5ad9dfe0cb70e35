/**
 * The policy of a container for which none is given: docker's default, an allow-list with EPERM for the rest.
 *
 * Not allowed by it, among others: io_uring (a second way into the kernel past this filter), keyctl (keys are not
 * namespaced), kexec, swapon, userfaultfd, new namespaces without CAP_SYS_ADMIN, and clone3, whose flags lie in memory that
 * a filter cannot read: it answers ENOSYS, so that C libraries fall back to clone.
 */

import { callsOfArchitecture, callsOfCapability, harmlessCalls } from "./default-names.ts";
import type { ArgumentRule, Comparison, RuleScope, SeccompProfile, SyscallRule } from "./profile.ts";

const ENOSYS = 38;

/**
 * AF_* that socket(2) may be asked for: all up to 11, and these. Left out are families that are a way around the network
 * namespace (VSOCK 40), that have a history of holes that a container can reach (ALG 38) or that nobody uses any more
 * (DECnet 12, Econet 19, ATMSVC 20, IrDA 23, WANPIPE 25, ISDN 34, CAIF 37).
 */
const familiesBelow = 12;
const families = [13, 14, 15, 16, 17, 18, 21, 22, 24, 26, 27, 28, 29, 30, 31, 32, 33, 35, 36, 39, 41, 42, 43, 44, 45];

/** personality(2): PER_LINUX, PER_LINUX32, each with UNAME26 too, and the query. */
const personalities = [0, 8, 0x20000, 0x20008, 0xffffffff];

/** CLONE_NEW*: NS, CGROUP, UTS, IPC, USER, PID, NET. */
const namespaceFlags = 0x7e020000n;

export const defaultSeccompProfile: SeccompProfile = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: 1,
  archMap: [
    { architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
    { architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"] },
  ],
  syscalls: [
    allow(harmlessCalls),
    // Older kernels let a tracer change a call after the filter had seen it.
    allow(["process_vm_readv", "process_vm_writev", "ptrace"], { includes: { minKernel: "4.8" } }),
    allow(["socket"], { args: [argument(0, "SCMP_CMP_LT", familiesBelow)] }),
    ...families.map((family) => allow(["socket"], { args: [argument(0, "SCMP_CMP_EQ", family)] })),
    // socketcall, i386's one entry for all socket calls, has its arguments in memory too: any family could be asked for
    // through it. 32-bit programs built since Linux 4.3 call socket itself. It stays denied.
    ...personalities.map((value) => allow(["personality"], { args: [argument(0, "SCMP_CMP_EQ", value)] })),
    ...callsOfArchitecture.map(({ arches, names }) => allow(names, { includes: { arches } })),
    ...Object.entries(callsOfCapability).map(([name, names]) => allow(names, { includes: { caps: [`CAP_${name}`] } })),
    allow(["clone"], {
      args: [{ index: 0, op: "SCMP_CMP_MASKED_EQ", value: namespaceFlags, valueTwo: 0n }],
      excludes: { caps: ["CAP_SYS_ADMIN"] },
    }),
    {
      names: ["clone3"],
      action: "SCMP_ACT_ERRNO",
      errnoRet: ENOSYS,
      args: [],
      excludes: { caps: ["CAP_SYS_ADMIN"] },
    },
  ],
};

function allow(
  names: string[],
  scope: { args?: ArgumentRule[]; includes?: RuleScope; excludes?: RuleScope } = {},
): SyscallRule {
  return { names, action: "SCMP_ACT_ALLOW", args: [], ...scope };
}

function argument(index: number, op: Comparison, value: number): ArgumentRule {
  return { index, op, value: BigInt(value), valueTwo: 0n };
}
