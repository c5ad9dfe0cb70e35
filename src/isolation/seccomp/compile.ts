/**
 * A profile to a BPF program. Written from the end (see bpf-classic.ts), run from the start:
 *
 *     which ABI does the call come by?      none that the profile names: kill
 *     is its number newer than the profile? ENOSYS
 *     binary search over ranges of numbers that get the same answer
 *     conditions on arguments, for the few calls that have some
 */

import { type ClassicProgram, classicProgram, type Label } from "../../kernel/bpf-classic.ts";
import { seccompData, seccompFlags, seccompReturn } from "../../kernel/bpf-seccomp.ts";
import { type Abi, auditArch, x32SyscallBit } from "../../kernel/syscalls/index.ts";
import { conditionsLabel } from "./conditions.ts";
import { architecturesOf, type SeccompHost } from "./host.ts";
import type { SeccompProfile } from "./profile.ts";
import { defaultValue, newerValue, newestKnown, type Verdict, verdictsFor } from "./verdicts.ts";

/** ABIs that a machine's kernel may offer, in the order in which the filter asks for them. */
const abisOf: Record<SeccompHost["arch"], { architecture: string; abi: Abi }[]> = {
  x86_64: [
    { architecture: "SCMP_ARCH_X86_64", abi: "x86_64" },
    { architecture: "SCMP_ARCH_X86", abi: "i386" },
  ],
  aarch64: [
    { architecture: "SCMP_ARCH_AARCH64", abi: "aarch64" },
    { architecture: "SCMP_ARCH_ARM", abi: "arm" },
  ],
};

/**
 * @returns an array of struct sock_filter and the flags for seccomp(2).
 * @throws Error when the program would be too long, or a flag is unknown.
 */
export function compileSeccomp(profile: SeccompProfile, host: SeccompHost): { program: Uint8Array; flags: number } {
  const program = classicProgram();
  const architectures = architecturesOf(profile, host.arch);
  // A call by an ABI that the profile does not name: its numbers mean other calls, so no answer but the end is safe.
  let start = program.ret(seccompReturn.killProcess);
  for (const { architecture, abi } of abisOf[host.arch].toReversed()) {
    if (!architectures.has(architecture)) continue;
    const section =
      architecture === "SCMP_ARCH_X86_64"
        ? x86Section(program, { profile, host, x32: architectures.has("SCMP_ARCH_X32") })
        : abiSection(program, { profile, host, abi });
    start = program.jump("equal", auditArch[abi], program.load(seccompData.nr, section), start);
  }
  return { program: program.encode(program.load(seccompData.arch, start)), flags: flagsOf(profile) };
}

/** x32 calls carry x86_64's architecture, and bit 30 in the number. */
function x86Section(
  program: ClassicProgram,
  { profile, host, x32 }: { profile: SeccompProfile; host: SeccompHost; x32: boolean },
): Label {
  const x32Label = x32
    ? abiSection(program, { profile, host, abi: "x32", base: x32SyscallBit })
    : program.ret(seccompReturn.killProcess);
  const native = abiSection(program, { profile, host, abi: "x86_64" });
  return program.jump("greater-or-equal", x32SyscallBit, x32Label, native);
}

/** Numbers from `first` on, up to the next range's first, get the same verdicts. */
type Range = { first: number; verdicts: Verdict[] };

function abiSection(
  program: ClassicProgram,
  { profile, host, abi, base = 0 }: { profile: SeccompProfile; host: SeccompHost; abi: Abi; base?: number },
): Label {
  const newest = newestKnown(profile, abi);
  const fallback: Verdict[] = [{ conditions: [], value: defaultValue(profile) }];
  const newer: Verdict[] = [{ conditions: [], value: newerValue(profile) }];
  const unnamedFrom = (number: number) => ({ first: base + number, verdicts: number > newest ? newer : fallback });
  const verdicts = [...verdictsFor(profile, abi, host)];
  const unnamed = [0, newest + 1, ...verdicts.map(([number]) => number + 1)].map(unnamedFrom);
  const named = verdicts.map(([number, known]) => ({ first: base + number, verdicts: [...known, ...fallback] }));
  return searchLabel(program, mergeRanges([...unnamed, ...named]));
}

/** Sort; of ranges that start together the last one counts; join neighbours with the same unconditional answer. */
function mergeRanges(ranges: Range[]): Range[] {
  const sorted = ranges.toSorted((a, b) => a.first - b.first);
  const filled = sorted.filter(({ first }, index) => first !== sorted[index + 1]?.first);
  const constant = (range: Range | undefined) =>
    range?.verdicts[0]?.conditions.length === 0 ? range.verdicts[0].value : undefined;
  return filled.filter((range, index) => {
    const value = constant(range);
    return value === undefined || value !== constant(filled[index - 1]);
  });
}

function searchLabel(program: ClassicProgram, ranges: Range[]): Label {
  const [only] = ranges;
  if (only === undefined) throw new Error("no ranges to search");
  if (ranges.length === 1) return verdictsLabel(program, only.verdicts);
  const middle = ranges.length >> 1;
  const upper = ranges.slice(middle);
  const whenAbove = searchLabel(program, upper);
  const whenBelow = searchLabel(program, ranges.slice(0, middle));
  return program.jump("greater-or-equal", upper[0]?.first ?? 0, whenAbove, whenBelow);
}

/** Each verdict in turn; the last one of a list is unconditional. */
function verdictsLabel(program: ClassicProgram, verdicts: Verdict[]): Label {
  const end = verdicts.findIndex(({ conditions }) => conditions.length === 0);
  let label = program.ret(verdicts[end]?.value ?? seccompReturn.killProcess);
  for (const { conditions, value } of verdicts.slice(0, end).toReversed()) {
    label = conditionsLabel(program, conditions, program.ret(value), label);
  }
  return label;
}

function flagsOf(profile: SeccompProfile): number {
  return (profile.flags ?? ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]).reduce((flags, name) => {
    const flag = seccompFlags[name];
    if (flag === undefined) throw new Error(`unknown seccomp flag ${name}`);
    return flags | flag;
  }, 0);
}
