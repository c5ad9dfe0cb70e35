/** Ask a compiled filter about a call. */
import { runClassic } from "../../kernel/bpf-classic-run.ts";
import { seccompData, seccompReturn } from "../../kernel/bpf-seccomp.ts";
import { type Abi, auditArch, syscallNumbers } from "../../kernel/syscalls/index.ts";

/** A filter is made for one machine; what it answers to the other's ABI is "kill". */
const natives = ["x86_64", "aarch64"] as const satisfies Abi[];

/** Whether a program of the machine's own ABI may make the call. @param args those that are left out are 0 */
export function allows(filter: Uint8Array, call: string, args: number[] = []): boolean {
  return natives.some((abi) => {
    const number = syscallNumbers(abi).get(call);
    if (number === undefined) return false;
    const answer = runClassic(filter, seccompDataOf(auditArch[abi], number, args));
    return answer === seccompReturn.allow || answer === seccompReturn.log;
  });
}

/** struct seccomp_data */
function seccompDataOf(arch: number, number: number, args: number[]): DataView {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(seccompData.nr, number, true);
  data.setUint32(seccompData.arch, arch, true);
  for (const [index, argument] of args.entries()) data.setUint32(seccompData.argLow(index), argument, true);
  return data;
}
