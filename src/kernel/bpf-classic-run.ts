/** What a classic BPF program answers, as the kernel would run it: the instructions that bpf-classic.ts writes. */

/**
 * @param program struct sock_filter's
 * @param data what it loads words from
 * @returns the value that it ends with; undefined for a program that the kernel would refuse, or that says more than ours do
 */
export function runClassic(program: Uint8Array, data: DataView): number | undefined {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const code = view.getUint16(at, true);
    const whenTrue = view.getUint8(at + 2);
    const whenFalse = view.getUint8(at + 3);
    const constant = view.getUint32(at + 4, true);
    const jump = (holds: boolean) => {
      at += (holds ? whenTrue : whenFalse) * 8;
    };
    if (code === 0x20) accumulator = data.getUint32(constant, true);
    else if (code === 0x54) accumulator = (accumulator & constant) >>> 0;
    else if (code === 0x05) at += constant * 8;
    else if (code === 0x15) jump(accumulator === constant);
    else if (code === 0x25) jump(accumulator > constant);
    else if (code === 0x35) jump(accumulator >= constant);
    else if (code === 0x45) jump((accumulator & constant) !== 0);
    else if (code === 0x06) return constant;
    else return undefined;
  }
  return undefined;
}
