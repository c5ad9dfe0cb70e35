import type { ArgumentRule, Comparison, RuleScope, SeccompAction, SeccompProfile, SyscallRule } from "./profile.ts";

const actions: readonly string[] = [
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_KILL",
  "SCMP_ACT_KILL_THREAD",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_TRAP",
  "SCMP_ACT_TRACE",
  "SCMP_ACT_LOG",
] satisfies SeccompAction[];
const comparisons: readonly string[] = [
  "SCMP_CMP_EQ",
  "SCMP_CMP_NE",
  "SCMP_CMP_LT",
  "SCMP_CMP_LE",
  "SCMP_CMP_GT",
  "SCMP_CMP_GE",
  "SCMP_CMP_MASKED_EQ",
] satisfies Comparison[];

/**
 * A profile file's text to a profile. Text and not parsed JSON: 64-bit values would lose bits as JavaScript numbers.
 * @returns undefined for one that says nothing, such as `{}`: docker takes that for "no filter"
 * @throws Error saying what is wrong, in docker's own words where it has some.
 */
export function decodeSeccompProfile(text: string): SeccompProfile | undefined {
  const profile = record(parseWithBigInts(text), "profile");
  if (!profile.defaultAction && list(profile.syscalls ?? []).length === 0) return undefined;
  if (profile.architectures && profile.archMap) {
    throw new Error(
      "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'",
    );
  }
  return compact({
    defaultAction: action(profile.defaultAction),
    defaultErrnoRet: optional(profile.defaultErrnoRet, number),
    architectures: optional(profile.architectures, texts),
    archMap: optional(profile.archMap, (value) => list(value).map(architecture)),
    flags: optional(profile.flags, texts),
    syscalls: list(profile.syscalls ?? []).map(rule),
  });
}

/** Integers beyond 2^53 come as bigint, from the digits that stand in the text. */
function parseWithBigInts(text: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && context?.source && /^\d+$/.test(context.source)
      ? BigInt(context.source)
      : value;
  return JSON.parse(text, reviver);
}

function architecture(value: unknown) {
  const { architecture: native, subArchitectures } = record(value, "archMap");
  return { architecture: string(native), subArchitectures: texts(subArchitectures ?? []) };
}

function rule(value: unknown): SyscallRule {
  const syscall = record(value, "syscalls");
  if (syscall.name && list(syscall.names ?? []).length > 0) {
    throw new Error("both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'");
  }
  return compact({
    // "name" is how profiles before docker 1.13 had it.
    names: syscall.name ? [string(syscall.name)] : texts(syscall.names ?? []),
    action: action(syscall.action),
    errnoRet: optional(syscall.errnoRet, number),
    args: list(syscall.args ?? []).map(argument),
    includes: optional(syscall.includes, scope),
    excludes: optional(syscall.excludes, scope),
  });
}

function argument(value: unknown): ArgumentRule {
  const { index, op, value: wanted, valueTwo } = record(value, "args");
  const at = number(index ?? 0);
  if (at > 5) throw new Error(`argument index ${at} is above 5`);
  if (typeof op !== "string" || !comparisons.includes(op)) throw new Error(`unknown operator ${JSON.stringify(op)}`);
  return { index: at, op: op as Comparison, value: unsigned(wanted ?? 0), valueTwo: unsigned(valueTwo ?? 0) };
}

function scope(value: unknown): RuleScope {
  const { arches, caps, minKernel } = record(value, "scope");
  const kernel = optional(minKernel, string);
  if (kernel !== undefined && !/^\d+\.\d+$/.test(kernel)) throw new Error(`invalid kernel version: ${kernel}`);
  return compact({ arches: optional(arches, texts), caps: optional(caps, texts), minKernel: kernel });
}

function action(value: unknown): SeccompAction {
  if (value === "SCMP_ACT_NOTIFY") throw new Error("SCMP_ACT_NOTIFY is not supported: there is no listener");
  if (typeof value !== "string" || !actions.includes(value)) throw new Error(`unknown action ${JSON.stringify(value)}`);
  return value as SeccompAction;
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${what} is not an object`);
  return value as Record<string, unknown>;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error("a list is expected");
  return value;
}

function texts(value: unknown): string[] {
  return list(value).map(string);
}

function string(value: unknown): string {
  if (typeof value !== "string") throw new Error("a text is expected");
  return value;
}

function number(value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) throw new Error("a number is expected");
  return value;
}

function unsigned(value: unknown): bigint {
  const big = typeof value === "bigint" ? value : BigInt(number(value));
  if (big >= 1n << 64n) throw new Error("a value is above 64 bits");
  return big;
}

function optional<T>(value: unknown, decode: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : decode(value);
}

/** Without the keys whose value is undefined. */
function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}
