/** Comparisons of 64-bit arguments on a machine that has 32-bit words only. */

import type { ClassicProgram, Label } from "../../kernel/bpf-classic.ts";
import { seccompData } from "../../kernel/bpf-seccomp.ts";
import type { ArgumentRule } from "./profile.ts";

/** All conditions hold: `whenTrue`. */
export function conditionsLabel(
  program: ClassicProgram,
  conditions: ArgumentRule[],
  whenTrue: Label,
  whenFalse: Label,
): Label {
  return conditions.reduceRight((next, condition) => conditionLabel(program, condition, next, whenFalse), whenTrue);
}

function conditionLabel(program: ClassicProgram, condition: ArgumentRule, whenTrue: Label, whenFalse: Label): Label {
  const { index, op, value, valueTwo } = condition;
  const argument = wordsOf(program, index);
  switch (op) {
    case "SCMP_CMP_EQ":
      return equal(argument, halves(value), whenTrue, whenFalse);
    case "SCMP_CMP_NE":
      return equal(argument, halves(value), whenFalse, whenTrue);
    case "SCMP_CMP_GT":
      return above(argument, "greater", halves(value), whenTrue, whenFalse);
    case "SCMP_CMP_GE":
      return above(argument, "greater-or-equal", halves(value), whenTrue, whenFalse);
    case "SCMP_CMP_LT":
      return above(argument, "greater-or-equal", halves(value), whenFalse, whenTrue);
    case "SCMP_CMP_LE":
      return above(argument, "greater", halves(value), whenFalse, whenTrue);
    case "SCMP_CMP_MASKED_EQ":
      return masked(argument, halves(value), halves(valueTwo), whenTrue, whenFalse);
    default:
      throw new Error(`unknown seccomp comparison ${op satisfies never}`);
  }
}

type Halves = { high: number; low: number };
type Words = {
  program: ClassicProgram;
  high(next: Label): Label;
  low(next: Label): Label;
};

function halves(value: bigint): Halves {
  return { high: Number((value >> 32n) & 0xffffffffn), low: Number(value & 0xffffffffn) };
}

function wordsOf(program: ClassicProgram, index: number): Words {
  return {
    program,
    high: (next) => program.load(seccompData.argHigh(index), next),
    low: (next) => program.load(seccompData.argLow(index), next),
  };
}

function equal({ program, high, low }: Words, value: Halves, whenTrue: Label, whenFalse: Label): Label {
  const checkLow = low(program.jump("equal", value.low, whenTrue, whenFalse));
  return high(program.jump("equal", value.high, checkLow, whenFalse));
}

/** The high word decides, unless it is equal. */
function above(
  { program, high, low }: Words,
  test: "greater" | "greater-or-equal",
  value: Halves,
  whenTrue: Label,
  whenFalse: Label,
): Label {
  const checkLow = low(program.jump(test, value.low, whenTrue, whenFalse));
  const checkEqual = program.jump("equal", value.high, checkLow, whenFalse);
  return high(program.jump("greater", value.high, whenTrue, checkEqual));
}

function masked({ program, high, low }: Words, mask: Halves, value: Halves, whenTrue: Label, whenFalse: Label): Label {
  const checkLow = low(program.and(mask.low, program.jump("equal", value.low, whenTrue, whenFalse)));
  // Nothing is asked of the high word: clone's flags, for one, are all in the low one.
  if (mask.high === 0 && value.high === 0) return checkLow;
  return high(program.and(mask.high, program.jump("equal", value.high, checkLow, whenFalse)));
}
