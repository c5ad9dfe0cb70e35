/** Extended BPF (eBPF): the few instructions that a cgroup device program needs, encoded (linux/bpf.h, RFC 9669). */

/** 8 bytes: opcode, registers, jump distance, constant. */
export type BpfInstruction = { code: number; dst: number; src: number; offset: number; constant: number };

/** R0: result, R1: context at the start, R1..R5 may be used freely. */
export type Register = 0 | 1 | 2 | 3 | 4 | 5;

const LDX_MEM_W = 0x61;
const MOV64_X = 0xbf;
const MOV64_K = 0xb7;
const AND32_K = 0x54;
const RSH32_K = 0x74;
const JNE_K = 0x55;
const JNE_X = 0x5d;
const JEQ_K = 0x15;
const EXIT = 0x95;

/** dst = *(u32 *)(src + offset) */
export const loadWord = (dst: Register, src: Register, offset: number) => instruction(LDX_MEM_W, { dst, src, offset });
/** dst = src */
export const move = (dst: Register, src: Register) => instruction(MOV64_X, { dst, src });
/** dst = constant */
export const moveConstant = (dst: Register, constant: number) => instruction(MOV64_K, { dst, constant });
/** dst &= constant, in 32 bits */
export const and = (dst: Register, constant: number) => instruction(AND32_K, { dst, constant });
/** dst >>= bits, in 32 bits */
export const shiftRight = (dst: Register, bits: number) => instruction(RSH32_K, { dst, constant: bits });
/** Skip `offset` instructions if dst != constant. */
export const jumpUnless = (dst: Register, constant: number, offset: number) =>
  instruction(JNE_K, { dst, constant, offset });
/** Skip `offset` instructions if dst != src. */
export const jumpUnlessSame = (dst: Register, src: Register, offset: number) =>
  instruction(JNE_X, { dst, src, offset });
/** Skip `offset` instructions if dst == constant. */
export const jumpIf = (dst: Register, constant: number, offset: number) =>
  instruction(JEQ_K, { dst, constant, offset });
/** Return R0. */
export const exit = () => instruction(EXIT, {});

function instruction(code: number, parts: Partial<Omit<BpfInstruction, "code">>): BpfInstruction {
  return { code, dst: 0, src: 0, offset: 0, constant: 0, ...parts };
}

/** Little endian, as every machine that is served here. */
export function encodeExtendedBpf(program: readonly BpfInstruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, dst, src, offset, constant }, index) => {
    view.setUint8(index * 8, code);
    view.setUint8(index * 8 + 1, (src << 4) | dst);
    view.setInt16(index * 8 + 2, offset, true);
    // A device number above 2^31 keeps its bits: comparisons are made on what the kernel sign-extends, both sides alike.
    view.setInt32(index * 8 + 4, constant | 0, true);
  });
  return bytes;
}
