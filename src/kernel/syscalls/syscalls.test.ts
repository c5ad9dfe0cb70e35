import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type Abi, syscallNumbers } from "./index.ts";

const headers = "/usr/include/x86_64-linux-gnu/asm";
const fileOf: [Abi, string][] = [
  ["x86_64", "unistd_64.h"],
  ["i386", "unistd_32.h"],
  ["x32", "unistd_x32.h"],
];

for (const [abi, file] of fileOf) {
  test(`every ${abi} call of the kernel's headers has its number`, { skip: !existsSync(`${headers}/${file}`) }, () => {
    const header = readFileSync(`${headers}/${file}`, "utf8");
    const numbers = syscallNumbers(abi);
    const lines = [...header.matchAll(/^#define __NR_(\w+) (?:\(__X32_SYSCALL_BIT \+ )?(\d+)\)?$/gm)];
    assert.ok(lines.length > 300);
    // A newer kernel's headers know calls that came after these tables.
    const known = lines.filter(([, , number]) => Number(number) <= (numbers.get("file_setattr") ?? 0));
    for (const [, name = "", number] of known) assert.equal(numbers.get(name), Number(number), name);
  });
}

test("names and numbers are one to one", () => {
  for (const abi of ["x86_64", "i386", "x32", "aarch64", "arm"] satisfies Abi[]) {
    const numbers = [...syscallNumbers(abi)];
    const byNumber = new Map(numbers.map(([name, number]) => [number, name]));
    const doubled = numbers.filter(([name, number]) => byNumber.get(number) !== name).map(([name]) => name);
    assert.deepEqual(doubled, [], abi);
  }
});

test("calls that are newer than the tables' first source have the same number everywhere", () => {
  for (const abi of ["x86_64", "i386", "x32", "aarch64", "arm"] satisfies Abi[]) {
    assert.equal(syscallNumbers(abi).get("futex_waitv"), 449);
    assert.equal(syscallNumbers(abi).get("mseal"), 462);
    assert.equal(syscallNumbers(abi).get("file_setattr"), 469);
  }
});

test("ABIs differ where they always did", () => {
  const numbersOf = (name: string) =>
    (["x86_64", "i386", "aarch64", "arm"] as const).map((abi) => syscallNumbers(abi).get(name));
  assert.deepEqual(numbersOf("mount"), [165, 21, 40, 21]);
  assert.deepEqual(numbersOf("execve"), [59, 11, 221, 11]);
  assert.deepEqual(numbersOf("socketcall"), [undefined, 102, undefined, undefined]);
  assert.equal(syscallNumbers("x32").get("execve"), 520);
  assert.equal(syscallNumbers("arm").get("set_tls"), 0xf0005);
});
