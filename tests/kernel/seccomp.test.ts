/** The compiled default policy in the kernel: each answer is the one that the interpreter of the unit tests gives. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { defaultCapabilities } from "../../src/isolation/defaults.ts";
import { answer, type Call, callOf } from "../../src/isolation/seccomp/filter.fixture.ts";
import { compileSeccomp, defaultSeccompProfile, seccompArch } from "../../src/isolation/seccomp/index.ts";
import { type Abi, syscallNumbers } from "../../src/kernel/syscalls/index.ts";
import { testProgram } from "../support/programs.ts";
import { realSpec, runScript } from "./isolation.ts";

const skip = process.arch !== "x64" ? "knows x86 only" : false;
const directory = mkdtempSync(join(tmpdir(), "seccomp-"));
after(() => rmSync(directory, { recursive: true }));

const capabilities = ["CHOWN", "DAC_OVERRIDE", "SETUID", "SETGID", "SYS_CHROOT", "NET_RAW", "MKNOD", "KILL"];
const { program } = compileSeccomp(defaultSeccompProfile, { arch: "x86_64", capabilities, kernel: "6.1.0" });

/** What the kernel answers to calls made under a filter. */
function probe(filter: Uint8Array, calls: { abi: Abi; call: Call }[]): string[] {
  writeFileSync(join(directory, "filter"), filter);
  const words = { x86_64: "64", i386: "32", x32: "x32", aarch64: "", arm: "" };
  const lines = calls.map(({ abi, call: { number, args = [] } }) => {
    const three = [args[0] ?? 0n, args[1] ?? 0n, args[2] ?? 0n];
    return [words[abi], number, ...three].join(" ");
  });
  const output = execFileSync(testProgram("seccomp-probe"), [join(directory, "filter")], {
    input: `${lines.join("\n")}\n`,
    encoding: "utf8",
  });
  return output.trimEnd().split("\n");
}

function asked(abi: Abi, name: string, ...args: number[]): { abi: Abi; call: Call } {
  return { abi, call: callOf(abi, name, args) };
}

test("every call that the default policy denies is denied by the kernel, in each ABI of the machine", { skip }, () => {
  const calls = (["x86_64", "i386", "x32"] satisfies Abi[]).flatMap((abi) =>
    [...syscallNumbers(abi).keys()].map((name) => ({ ...asked(abi, name), label: `${abi} ${name}` })),
  );
  // Only these are made: what is allowed would do what it does.
  const denied = calls
    .filter(({ call }) => answer(program, call).startsWith("errno"))
    // The kernel's own trampolines make this one; it comes by unfiltered (Linux 6.18).
    .filter(({ label }) => label !== "x86_64 uprobe");
  assert.ok(denied.length > 200);
  const answers = probe(program, denied);
  assert.deepEqual(
    denied.map(({ label }, index) => `${label}: ${answers[index]}`),
    denied.map(({ label, call }) => `${label}: ${answer(program, call)}`),
  );
});

test("conditions on arguments hold in the kernel", { skip }, () => {
  const newUser = 0x10000000;
  const calls: [ReturnType<typeof asked>, string][] = [
    [asked("x86_64", "unshare", newUser), "errno 1"],
    [asked("x86_64", "clone", newUser), "errno 1"],
    [asked("i386", "clone", newUser), "errno 1"],
    [asked("x86_64", "clone3", 0, 0), "errno 38"],
    [asked("x86_64", "socket", 1, 1), "ok"],
    [asked("i386", "socket", 1, 1), "ok"],
    [asked("x86_64", "socket", 38, 5), "errno 1"],
    [asked("x86_64", "socket", 40, 1), "errno 1"],
    [asked("i386", "socketcall", 1, 0), "errno 1"],
    [asked("x86_64", "personality", 0xffffffff), "ok"],
    [asked("x86_64", "personality", 0x40000), "errno 1"],
    [asked("x86_64", "getpid"), "ok"],
    [asked("i386", "getpid"), "ok"],
    [{ abi: "x86_64", call: { ...callOf("x86_64", "getpid"), number: 4000 } }, "errno 38"],
  ];
  assert.deepEqual(
    probe(
      program,
      calls.map(([call]) => call),
    ),
    calls.map(([, expected]) => expected),
  );
});

test("an ABI that a profile does not name ends the process", { skip }, () => {
  const native = { ...defaultSeccompProfile };
  delete native.archMap;
  const { program } = compileSeccomp(native, { arch: "x86_64", capabilities, kernel: "6.1.0" });
  const SIGSYS = "signal 31";
  assert.deepEqual(probe(program, [asked("x86_64", "getpid"), asked("i386", "getpid"), asked("x32", "getpid")]), [
    "ok",
    SIGSYS,
    SIGSYS,
  ]);
});

test("a container cannot make namespaces or mount; without the filter it can try", async (t) => {
  const script = [
    "unshare -U true && echo user namespace",
    "mount -t tmpfs none /tmp && echo mounted",
    "chroot / true && echo chroot",
  ].join("; ");
  const capabilitiesOf = (names: string[]) => ({
    capabilities: { bounding: names, effective: names, permitted: names, inheritable: [], ambient: [] },
  });
  const docker = [...defaultCapabilities];
  const arch = seccompArch(process.arch) ?? assert.fail("no tables for this machine");
  const filterFor = (capabilities: string[]) =>
    compileSeccomp(defaultSeccompProfile, { arch, capabilities, kernel: release() });

  const held = await runScript(await realSpec(t), script, { ...capabilitiesOf(docker), seccomp: filterFor(docker) });
  assert.match(held.stderr, /unshare.*Operation not permitted/);
  assert.equal(held.stdout, "chroot\n");

  const open = await runScript(await realSpec(t), script, { ...capabilitiesOf(docker), seccomp: null });
  assert.equal(open.stdout, "user namespace\nchroot\n");

  const admin = [...docker, "SYS_ADMIN"];
  const trusted = await runScript(await realSpec(t), script, { ...capabilitiesOf(admin), seccomp: filterFor(admin) });
  assert.equal(trusted.stdout, "user namespace\nmounted\nchroot\n");
});
