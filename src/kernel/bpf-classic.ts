/**
 * Classic BPF as seccomp(2) takes it: struct sock_filter, 8 bytes an instruction, one accumulator (linux/filter.h).
 *
 * All jumps lead forward, so a program is written from its end to its start: the target of a jump is always there already
 * and its distance is known. A conditional jump reaches 255 instructions; farther targets get a plain jump in between.
 */

/** A place in a program: how many instructions there are from it to the end. */
export type Label = number;

export type ClassicProgram = {
  /** End with a value; near ends with the same value are shared. */
  ret(value: number): Label;
  /** Load the 32-bit word at an offset of the data, go on at `next`. */
  load(offset: number, next: Label): Label;
  /** accumulator &= mask, go on at `next`. */
  and(mask: number, next: Label): Label;
  /** Compare the accumulator with a constant, both unsigned. */
  jump(test: JumpTest, constant: number, whenTrue: Label, whenFalse: Label): Label;
  /**
   * The program that starts at a label, encoded.
   * @throws Error when it is longer than the kernel takes (BPF_MAXINSNS).
   */
  encode(start: Label): Uint8Array;
};
export type JumpTest = "equal" | "greater" | "greater-or-equal";

type Instruction = { code: number; whenTrue: number; whenFalse: number; constant: number };

const LD_W_ABS = 0x20;
const ALU_AND_K = 0x54;
const JMP_JA = 0x05;
const RET_K = 0x06;
const jumpCodes: Record<JumpTest, number> = { equal: 0x15, greater: 0x25, "greater-or-equal": 0x35 };
const maxInstructions = 4096;
/** One less than a conditional jump can: a jump put in between for the other branch moves this one's target by one. */
const reach = 254;

export function classicProgram(): ClassicProgram {
  const reversed: Instruction[] = [];
  const ends = new Map<number, Label>();
  const distance = (target: Label) => reversed.length - target;
  const prepend = (code: number, constant: number, whenTrue = 0, whenFalse = 0): Label =>
    reversed.push({ code, constant: constant >>> 0, whenTrue, whenFalse });
  const jumpTo = (target: Label) => prepend(JMP_JA, distance(target));
  const adjacent = (target: Label) => {
    if (distance(target) > 0) jumpTo(target);
  };

  return {
    ret(value) {
      const known = ends.get(value);
      if (known !== undefined && distance(known) < reach) return known;
      const label = prepend(RET_K, value);
      ends.set(value, label);
      return label;
    },
    load(offset, next) {
      adjacent(next);
      return prepend(LD_W_ABS, offset);
    },
    and(mask, next) {
      adjacent(next);
      return prepend(ALU_AND_K, mask);
    },
    jump(test, constant, whenTrue, whenFalse) {
      if (whenTrue === whenFalse) return whenTrue;
      const near = (target: Label) => (distance(target) > reach ? jumpTo(target) : target);
      const nearTrue = near(whenTrue);
      const nearFalse = near(whenFalse);
      return prepend(jumpCodes[test], constant, distance(nearTrue), distance(nearFalse));
    },
    encode(start) {
      const program = reversed.slice(0, start).reverse();
      if (program.length > maxInstructions) {
        throw new Error(`BPF program of ${program.length} instructions: the kernel takes ${maxInstructions}`);
      }
      return encodeInstructions(program);
    },
  };
}

/** Little endian, as every machine that is served here. */
function encodeInstructions(program: Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, whenTrue, whenFalse, constant }, index) => {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, whenTrue);
    view.setUint8(index * 8 + 3, whenFalse);
    view.setUint32(index * 8 + 4, constant, true);
  });
  return bytes;
}
