/** For tests: ask a compiled filter what it answers, as the kernel would run it, with the kernel's checks of programs. */
import assert from "node:assert/strict";
import { runClassic } from "../../kernel/bpf-classic-run.ts";
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
  const value = runClassic(program, data);
  assert.ok(value !== undefined, "the program ends with an answer");
  return describe(value);
}

/** A call by name, as a program of that ABI makes it. */
export function callOf(abi: Abi, name: string, args: (bigint | number)[] = []): Call {
  const number = syscallNumbers(abi).get(name);
  assert.ok(number !== undefined, `${abi} has no ${name}`);
  return { arch: auditArch[abi], number: abi === "x32" ? number + x32SyscallBit : number, args: args.map(BigInt) };
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
