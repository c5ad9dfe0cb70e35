/** For tests: ask a compiled filter what it answers, as the kernel would run it, with the kernel's checks of programs. */
import assert from "node:assert/strict";
import { seccompReturn } from "../../kernel/bpf-seccomp.ts";
import { type Abi, auditArch, syscallNumbers, x32SyscallBit } from "../../kernel/syscalls/index.ts";

export type Call = { arch: number; number: number; args?: bigint[] };

/** @returns "allow", "errno 1", "kill process" … */
export function answer(program: Uint8Array, call: Call): string {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call.number, true);
  data.setUint32(4, call.arch, true);
  (call.args ?? []).forEach((arg, index) => {
    data.setBigUint64(16 + index * 8, arg, true);
  });
  return describe(run(program, data));
}

/** A call by name, as a program of that ABI makes it. */
export function callOf(abi: Abi, name: string, args: (bigint | number)[] = []): Call {
  const number = syscallNumbers(abi).get(name);
  assert.ok(number !== undefined, `${abi} has no ${name}`);
  return { arch: auditArch[abi], number: abi === "x32" ? number + x32SyscallBit : number, args: args.map(BigInt) };
}

function run(program: Uint8Array, data: DataView): number {
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
    else assert.fail(`unknown opcode ${code}`);
  }
  return assert.fail("the program runs over its end");
}

function describe(value: number): string {
  const action = (value & 0xffff0000) >>> 0;
  const low = value & 0xffff;
  if (action === seccompReturn.errno) return `errno ${low}`;
  if (action === seccompReturn.trace) return `trace ${low}`;
  const names: [number, string][] = [
    [seccompReturn.allow, "allow"],
    [seccompReturn.log, "log"],
    [seccompReturn.trap, "trap"],
    [seccompReturn.killThread, "kill thread"],
    [seccompReturn.killProcess, "kill process"],
  ];
  return names.find(([number]) => number === action)?.[1] ?? `unknown ${value}`;
}
