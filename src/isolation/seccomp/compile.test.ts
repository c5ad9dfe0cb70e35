import assert from "node:assert/strict";
import { test } from "node:test";
import { type Abi, auditArch, syscallNumbers } from "../../kernel/syscalls/index.ts";
import { compileSeccomp } from "./compile.ts";
import { answer, callOf } from "./filter.fixture.ts";
import type { SeccompHost } from "./host.ts";
import type { ArgumentRule, Comparison, SeccompProfile } from "./profile.ts";

const host: SeccompHost = { arch: "x86_64", capabilities: [], kernel: "6.1.0" };
const denying = (syscalls: SeccompProfile["syscalls"]): SeccompProfile => ({
  defaultAction: "SCMP_ACT_ERRNO",
  syscalls,
});
const allow = (names: string[], args: ArgumentRule[] = []) => ({ names, action: "SCMP_ACT_ALLOW" as const, args });

/** What a filter answers to one call of x86_64. */
function ask(profile: SeccompProfile, name: string, args: (number | bigint)[] = []): string {
  return answer(compileSeccomp(profile, host).program, callOf("x86_64", name, args));
}

test("every call gets what the profile says of it, in every ABI", () => {
  const abis: [Abi, SeccompHost["arch"]][] = [
    ["x86_64", "x86_64"],
    ["i386", "x86_64"],
    ["x32", "x86_64"],
    ["aarch64", "aarch64"],
    ["arm", "aarch64"],
  ];
  for (const [abi, arch] of abis) {
    const names = [...syscallNumbers(abi).keys()];
    // Every third call: ranges of one and of two, the hardest case for the search.
    const allowed = names.filter((_, index) => index % 3 === 0);
    const profile: SeccompProfile = {
      ...denying([allow(allowed), { names, action: "SCMP_ACT_LOG", args: [] }]),
      architectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_ARM"],
    };
    const { program } = compileSeccomp(profile, { ...host, arch });
    for (const name of names) {
      assert.equal(answer(program, callOf(abi, name)), allowed.includes(name) ? "allow" : "log", `${abi} ${name}`);
    }
  }
});

test("64-bit comparisons look at both halves", () => {
  const big = 0x1_0000_0005n;
  const samples = [0n, 4n, 5n, 6n, 0xffff_ffffn, 0x1_0000_0004n, big, 0x1_0000_0006n, 0x2_0000_0000n, (1n << 64n) - 1n];
  const holds: Record<Comparison, (a: bigint, b: bigint) => boolean> = {
    SCMP_CMP_EQ: (a, b) => a === b,
    SCMP_CMP_NE: (a, b) => a !== b,
    SCMP_CMP_LT: (a, b) => a < b,
    SCMP_CMP_LE: (a, b) => a <= b,
    SCMP_CMP_GT: (a, b) => a > b,
    SCMP_CMP_GE: (a, b) => a >= b,
    SCMP_CMP_MASKED_EQ: (a, b) => (a & b) === 4n,
  };
  for (const op of Object.keys(holds) as Comparison[]) {
    for (const value of [5n, big]) {
      const profile = denying([allow(["close"], [{ index: 2, op, value, valueTwo: 4n }])]);
      const { program } = compileSeccomp(profile, host);
      for (const sample of samples) {
        const expected = holds[op](sample, value) ? "allow" : "errno 1";
        assert.equal(answer(program, callOf("x86_64", "close", [0, 0, sample])), expected, `${sample} ${op} ${value}`);
      }
    }
  }
});

test("conditions on several arguments must all hold, on one argument any of them", () => {
  const equal = (index: number, value: number): ArgumentRule => ({
    index,
    op: "SCMP_CMP_EQ",
    value: BigInt(value),
    valueTwo: 0n,
  });
  const both = denying([allow(["socket"], [equal(0, 2), equal(1, 1)])]);
  assert.equal(ask(both, "socket", [2, 1]), "allow");
  assert.equal(ask(both, "socket", [2, 3]), "errno 1");
  const either = denying([allow(["socket"], [equal(0, 2), equal(0, 10)])]);
  assert.equal(ask(either, "socket", [2, 3]), "allow");
  assert.equal(ask(either, "socket", [10, 3]), "allow");
  assert.equal(ask(either, "socket", [17, 3]), "errno 1");
});

test("of several rules for one call the first that fits counts, and one that repeats the default is none", () => {
  const masked: ArgumentRule = { index: 0, op: "SCMP_CMP_MASKED_EQ", value: 0xffn, valueTwo: 0n };
  const profile = denying([
    { names: ["clone"], action: "SCMP_ACT_ERRNO", errnoRet: 1, args: [] },
    { names: ["clone"], action: "SCMP_ACT_TRAP", args: [masked] },
    { names: ["clone"], action: "SCMP_ACT_ERRNO", errnoRet: 13, args: [] },
  ]);
  assert.equal(ask(profile, "clone", [0x100]), "trap");
  assert.equal(ask(profile, "clone", [0x101]), "errno 13");
});

test("every action has its answer", () => {
  const actions = {
    SCMP_ACT_ERRNO: "errno 13",
    SCMP_ACT_KILL: "kill thread",
    SCMP_ACT_KILL_THREAD: "kill thread",
    SCMP_ACT_KILL_PROCESS: "kill process",
    SCMP_ACT_TRAP: "trap",
    SCMP_ACT_TRACE: "trace 13",
    SCMP_ACT_LOG: "log",
  } as const;
  for (const [action, expected] of Object.entries(actions)) {
    const rule = { names: ["mount"], action: action as keyof typeof actions, errnoRet: 13, args: [] };
    assert.equal(ask({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [rule] }, "mount"), expected);
  }
});

test("calls newer than the profile are unknown to the container, unless all is allowed", () => {
  const newest = { ...callOf("x86_64", "close"), number: 5000 };
  const { program } = compileSeccomp(denying([allow(["close", "openat2"])]), host);
  assert.equal(answer(program, newest), "errno 38");
  assert.equal(answer(program, callOf("x86_64", "pidfd_getfd")), "errno 38");
  assert.equal(answer(program, callOf("x86_64", "mount")), "errno 1");
  const open = compileSeccomp({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [] }, host).program;
  assert.equal(answer(open, newest), "allow");
});

test("ABIs that a profile does not name end the process, for their numbers mean other calls", () => {
  const profile = denying([allow(["read", "write"])]);
  const { program } = compileSeccomp(profile, host);
  assert.equal(answer(program, callOf("i386", "read")), "kill process");
  assert.equal(answer(program, callOf("x32", "read")), "kill process");
  assert.equal(answer(program, { arch: auditArch.aarch64, number: 63 }), "kill process");
  assert.equal(answer(program, { arch: auditArch.x86_64, number: 0xffffffff }), "kill process");
});

test("a profile of a thousand conditions is compiled with jumps that reach", () => {
  const condition = (value: number): ArgumentRule => ({
    index: 0,
    op: "SCMP_CMP_EQ",
    value: BigInt(value),
    valueTwo: 0n,
  });
  const values = Array.from({ length: 900 }, (_, index) => index * 2);
  const { program } = compileSeccomp(denying(values.map((value) => allow(["personality"], [condition(value)]))), host);
  for (const value of [0, 2, 898, 1798])
    assert.equal(answer(program, callOf("x86_64", "personality", [value])), "allow");
  for (const value of [1, 1799, 2000])
    assert.equal(answer(program, callOf("x86_64", "personality", [value])), "errno 1");
  const tooMany = Array.from({ length: 1100 }, (_, index) => allow(["personality"], [condition(index)]));
  assert.throws(() => compileSeccomp(denying(tooMany), host), /the kernel takes 4096/);
});

test("flags are the profile's, by default the one that runtimes set", () => {
  const flagsFor = (flags?: string[]) => compileSeccomp({ ...denying([]), ...(flags && { flags }) }, host).flags;
  assert.equal(flagsFor(), 4);
  assert.equal(flagsFor([]), 0);
  assert.equal(flagsFor(["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC"]), 3);
  assert.throws(() => flagsFor(["SECCOMP_FILTER_FLAG_X"]), /unknown seccomp flag/);
});
