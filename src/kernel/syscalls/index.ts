/** System call numbers by ABI. What the tables hold is checked against the kernel's headers in syscalls.test.ts. */

import { aarch64 } from "./aarch64.ts";
import { arm } from "./arm.ts";
import { i386 } from "./i386.ts";
import { expandRuns } from "./runs.ts";
import { x32 } from "./x32.ts";
import { x86_64 } from "./x86-64.ts";

const tables = { x86_64, i386, x32, aarch64, arm };
export type Abi = keyof typeof tables;

/** Set in the number of every x32 call (__X32_SYSCALL_BIT); the table of x32 leaves it out. */
export const x32SyscallBit = 0x40000000;

/** AUDIT_ARCH_* of linux/audit.h, which seccomp_data.arch carries; x32 calls come with x86_64's. */
export const auditArch: Readonly<Record<Abi, number>> = {
  x86_64: 0xc000003e,
  i386: 0x40000003,
  x32: 0xc000003e,
  aarch64: 0xc00000b7,
  arm: 0x40000028,
};

const expanded = new Map<Abi, ReadonlyMap<string, number>>();

/** @returns numbers by name; x32's without x32SyscallBit. */
export function syscallNumbers(abi: Abi): ReadonlyMap<string, number> {
  const known = expanded.get(abi);
  if (known) return known;
  const numbers = new Map(expandRuns(tables[abi]).map(([number, name]) => [name, number]));
  expanded.set(abi, numbers);
  return numbers;
}
