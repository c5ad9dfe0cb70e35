/** From a profile to what each system call of one ABI gets. */

import { seccompReturn } from "../../kernel/bpf-seccomp.ts";
import { type Abi, syscallNumbers } from "../../kernel/syscalls/index.ts";
import { ruleHolds, type SeccompHost } from "./host.ts";
import type { ArgumentRule, SeccompAction, SeccompProfile, SyscallRule } from "./profile.ts";

/** A filter's return value under conditions that must all be met; none: always. */
export type Verdict = { conditions: ArgumentRule[]; value: number };
/** Tried in order; when none fits, the profile's default counts. */
export type Verdicts = ReadonlyMap<number, Verdict[]>;

const EPERM = 1;
const ENOSYS = 38;

/** @returns verdicts by number for each call that the profile treats unlike its default. */
export function verdictsFor(profile: SeccompProfile, abi: Abi, host: SeccompHost): Verdicts {
  const numbers = syscallNumbers(abi);
  const fallback = defaultValue(profile);
  const verdicts = new Map<number, Verdict[]>();
  for (const { rule, name } of namedRules(profile, host)) {
    const number = numbers.get(name);
    const value = returnValue(rule.action, rule.errnoRet);
    // A rule that says what the default says anyway must not stand before one that says more: OCI runtimes drop it too.
    if (number === undefined || value === fallback) continue;
    const known = verdicts.get(number) ?? [];
    verdicts.set(number, [...known, ...alternatives(rule.args).map((conditions) => ({ conditions, value }))]);
  }
  return verdicts;
}

/** ARM's private calls start here, far above all others. */
const armPrivate = 0xf0000;

/** The highest number among the calls that the profile names, whatever it says of them: what is above is newer than the profile. */
export function newestKnown(profile: SeccompProfile, abi: Abi): number {
  const numbers = syscallNumbers(abi);
  const named = profile.syscalls.flatMap(({ names }) => names.map((name) => numbers.get(name) ?? -1));
  return Math.max(-1, ...named.filter((number) => number < armPrivate));
}

/**
 * What calls get that are newer than the profile: ENOSYS, so that a program falls back to an older call; from EPERM it would
 * conclude that it is forbidden to do the thing at all. Where the default allows, they are allowed.
 */
export function newerValue(profile: SeccompProfile): number {
  const allowing = profile.defaultAction === "SCMP_ACT_ALLOW" || profile.defaultAction === "SCMP_ACT_LOG";
  return allowing ? defaultValue(profile) : seccompReturn.errno | ENOSYS;
}

export function defaultValue(profile: SeccompProfile): number {
  return returnValue(profile.defaultAction, profile.defaultErrnoRet);
}

function namedRules(profile: SeccompProfile, host: SeccompHost): { rule: SyscallRule; name: string }[] {
  return profile.syscalls
    .filter(({ includes, excludes }) => ruleHolds(includes, excludes, host))
    .flatMap((rule) => rule.names.map((name) => ({ rule, name })));
}

/** Conditions on several arguments must all be met; where one argument has several, each is enough (as OCI runtimes have it). */
function alternatives(args: ArgumentRule[]): ArgumentRule[][] {
  const indexes = new Set(args.map(({ index }) => index));
  return indexes.size === args.length ? [args] : args.map((condition) => [condition]);
}

function returnValue(action: SeccompAction, errno = EPERM): number {
  switch (action) {
    case "SCMP_ACT_ALLOW":
      return seccompReturn.allow;
    case "SCMP_ACT_ERRNO":
      return seccompReturn.errno | (errno & 0xffff);
    case "SCMP_ACT_KILL":
    case "SCMP_ACT_KILL_THREAD":
      return seccompReturn.killThread;
    case "SCMP_ACT_KILL_PROCESS":
      return seccompReturn.killProcess;
    case "SCMP_ACT_TRAP":
      return seccompReturn.trap;
    case "SCMP_ACT_TRACE":
      return seccompReturn.trace | (errno & 0xffff);
    case "SCMP_ACT_LOG":
      return seccompReturn.log;
    default:
      throw new Error(`unknown seccomp action ${action satisfies never}`);
  }
}
