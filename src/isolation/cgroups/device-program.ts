/**
 * cgroup v2 has no device files: a BPF program (BPF_PROG_TYPE_CGROUP_DEVICE) answers 1 (allow) or 0 (EPERM) for each open
 * and mknod of a device. The rules mean what they mean in v1's devices.allow and devices.deny, so that both twins agree.
 */

import {
  and,
  type BpfInstruction,
  encodeExtendedBpf,
  exit,
  jumpIf,
  jumpUnless,
  jumpUnlessSame,
  loadWord,
  move,
  moveConstant,
  type Register,
  shiftRight,
} from "../../kernel/bpf-extended.ts";
import type { DeviceRule } from "../spec.ts";

/** A default and the exceptions from it: v1's whole state (security/device_cgroup.c). */
export type DevicePolicy = { allowByDefault: boolean; exceptions: DeviceException[] };
export type DeviceException = { type: "c" | "b"; major: number | "*"; minor: number | "*"; access: number };

/** BPF_DEVCG_ACC_* and BPF_DEVCG_DEV_* of linux/bpf.h. */
const accessBits: Record<string, number> = { m: 1, r: 2, w: 4 };
const deviceTypes = { b: 1, c: 2 } as const;

const result: Register = 0;
const context: Register = 1;
/** The context is not needed any more once its three words are read. */
const scratch: Register = 1;
const type: Register = 2;
const access: Register = 3;
const major: Register = 4;
const minor: Register = 5;

/** @returns the encoded program for rules in the order in which v1 would be told them. */
export function deviceProgram(rules: readonly DeviceRule[]): Uint8Array {
  const policy = devicePolicy(rules);
  return encodeExtendedBpf([
    // struct bpf_cgroup_dev_ctx { u32 access_type (access << 16 | type), major, minor }
    loadWord(type, context, 0),
    move(access, type),
    and(type, 0xffff),
    shiftRight(access, 16),
    loadWord(major, context, 4),
    loadWord(minor, context, 8),
    ...policy.exceptions.flatMap((exception) => exceptionBlock(exception, !policy.allowByDefault)),
    moveConstant(result, policy.allowByDefault ? 1 : 0),
    exit(),
  ]);
}

/** What the rules leave, applied one after the other as the kernel does for v1. */
export function devicePolicy(rules: readonly DeviceRule[]): DevicePolicy {
  return rules.reduce(applyRule, { allowByDefault: true, exceptions: [] } satisfies DevicePolicy);
}

function applyRule({ allowByDefault, exceptions }: DevicePolicy, rule: DeviceRule): DevicePolicy {
  // "a" sets the default and forgets every exception, whatever numbers and access stand behind it.
  if (rule.type === "a") return { allowByDefault: rule.allow, exceptions: [] };
  const exception = { type: rule.type, major: rule.major, minor: rule.minor, access: accessOf(rule) };
  const same = (other: DeviceException) =>
    other.type === exception.type && other.major === exception.major && other.minor === exception.minor;
  const known = exceptions.find(same);
  const others = exceptions.filter((other) => !same(other));
  // What follows the default takes back an exception of just these numbers; what goes against it adds to it.
  const left = known?.access ?? 0;
  const bits = rule.allow === allowByDefault ? left & ~exception.access : left | exception.access;
  return { allowByDefault, exceptions: bits === 0 ? others : [...others, { ...exception, access: bits }] };
}

function accessOf(rule: DeviceRule): number {
  return [...rule.access].reduce((bits, letter) => {
    const bit = accessBits[letter];
    if (bit === undefined) throw new Error(`device rule with unknown access "${rule.access}"`);
    return bits | bit;
  }, 0);
}

/**
 * Leave the program with the exception's answer if it applies, else go on behind the block. An allowing exception must cover
 * all of the access that is asked for, a denying one any of it (match_exception, match_exception_partial).
 */
function exceptionBlock(exception: DeviceException, allow: boolean): BpfInstruction[] {
  const jumps: ((offset: number) => BpfInstruction)[] = [
    (offset) => jumpUnless(type, deviceTypes[exception.type], offset),
  ];
  const { major: wantedMajor, minor: wantedMinor } = exception;
  if (wantedMajor !== "*") jumps.push((offset) => jumpUnless(major, wantedMajor, offset));
  if (wantedMinor !== "*") jumps.push((offset) => jumpUnless(minor, wantedMinor, offset));
  const covered = [move(scratch, access), and(scratch, exception.access)];
  const lastJump = allow
    ? (offset: number) => jumpUnlessSame(scratch, access, offset)
    : (offset: number) => jumpIf(scratch, 0, offset);
  const answer = [moveConstant(result, allow ? 1 : 0), exit()];
  const length = jumps.length + covered.length + 1 + answer.length;
  return [...jumps.map((jump, index) => jump(length - index - 1)), ...covered, lastJump(answer.length), ...answer];
}
