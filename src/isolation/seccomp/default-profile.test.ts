import assert from "node:assert/strict";
import { test } from "node:test";
import { type Abi, syscallNumbers } from "../../kernel/syscalls/index.ts";
import { compileSeccomp } from "./compile.ts";
import { callsOfArchitecture, callsOfCapability, harmlessCalls } from "./default-names.ts";
import { defaultSeccompProfile } from "./default-profile.ts";
import { answer, callOf } from "./filter.fixture.ts";

const dockerCapabilities = ["CHOWN", "DAC_OVERRIDE", "SETUID", "SYS_CHROOT", "NET_RAW", "MKNOD"];

function ask(abi: Abi, name: string, args: (number | bigint)[] = [], capabilities = dockerCapabilities): string {
  const arch = abi === "aarch64" || abi === "arm" ? "aarch64" : "x86_64";
  const { program } = compileSeccomp(defaultSeccompProfile, { arch, capabilities, kernel: "6.1.0" });
  return answer(program, callOf(abi, name, args));
}

test("what would reach the host or other containers is denied", () => {
  const denied = [
    "mount",
    "umount2",
    "unshare",
    "setns",
    "pivot_root",
    "keyctl",
    "add_key",
    "request_key",
    "bpf",
    "perf_event_open",
    "kexec_load",
    "kexec_file_load",
    "open_by_handle_at",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "init_module",
    "delete_module",
    "swapon",
    "swapoff",
    "reboot",
    "settimeofday",
    "clock_settime",
    "iopl",
    "ioperm",
    "userfaultfd",
    "acct",
    "quotactl",
    "syslog",
    "sethostname",
    "fsopen",
    "move_mount",
    "open_tree",
    "open_tree_attr",
    "nfsservctl",
    "lookup_dcookie",
    "kcmp",
    "pidfd_getfd",
    "mbind",
    "vhangup",
    "uselib",
    "ustat",
    "sysfs",
  ];
  for (const name of denied) {
    // Newer than the newest call that the profile names: unknown instead of forbidden.
    assert.equal(ask("x86_64", name), name === "open_tree_attr" ? "errno 38" : "errno 1", name);
  }
  for (const name of ["mount", "unshare", "keyctl", "bpf", "io_uring_setup", "umount", "stime", "socketcall", "vm86"]) {
    assert.equal(ask("i386", name), "errno 1", `i386 ${name}`);
  }
  for (const name of ["mount", "unshare", "keyctl", "bpf", "io_uring_setup", "kexec_load"]) {
    assert.equal(ask("x32", name), "errno 1", `x32 ${name}`);
    assert.equal(ask("aarch64", name), "errno 1", `aarch64 ${name}`);
    assert.equal(ask("arm", name), "errno 1", `arm ${name}`);
  }
});

test("what programs live by is allowed, in the ABIs that the machine runs", () => {
  for (const name of ["read", "openat", "execve", "chroot", "seccomp", "ptrace", "mknodat", "statx", "setxattrat"]) {
    for (const abi of ["x86_64", "i386", "x32", "aarch64", "arm"] as const) {
      assert.equal(ask(abi, name), "allow", `${abi} ${name}`);
    }
  }
  assert.equal(ask("x86_64", "arch_prctl"), "allow");
  assert.equal(ask("i386", "modify_ldt"), "allow");
  assert.equal(ask("arm", "set_tls"), "allow");
  assert.equal(ask("arm", "usr26"), "errno 38");
});

test("a capability brings its calls, and only it", () => {
  for (const [capability, names] of Object.entries(callsOfCapability)) {
    for (const name of names.filter((name) => syscallNumbers("x86_64").has(name))) {
      assert.equal(ask("x86_64", name, [0xffffffff], [capability]), "allow", `${capability} ${name}`);
    }
  }
  assert.equal(ask("x86_64", "chroot", [], []), "errno 1");
  assert.equal(ask("x86_64", "bpf", [], ["CAP_BPF"]), "allow");
  assert.equal(ask("x86_64", "mount", [], ["SYS_PTRACE"]), "errno 1");
});

test("clone makes threads and processes but no namespaces; clone3 cannot be looked into", () => {
  const thread = 0x3d0f00;
  assert.equal(ask("x86_64", "clone", [thread]), "allow");
  for (const flag of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
    assert.equal(ask("x86_64", "clone", [flag | 17]), "errno 1", flag.toString(16));
    assert.equal(ask("i386", "clone", [flag | 17]), "errno 1", flag.toString(16));
  }
  assert.equal(ask("x86_64", "clone3"), "errno 38");
  assert.equal(ask("x86_64", "clone3", [], ["SYS_ADMIN"]), "allow");
});

test("sockets of the families that containers need, and no others", () => {
  const allowed = { unix: 1, inet: 2, inet6: 10, netlink: 16, packet: 17, can: 29, bluetooth: 31, xdp: 44 };
  for (const [name, family] of Object.entries(allowed)) assert.equal(ask("x86_64", "socket", [family]), "allow", name);
  for (const family of [12, 19, 20, 25, 38, 40, 46, 0x1_0000_0002n]) {
    assert.equal(ask("x86_64", "socket", [family]), "errno 1", String(family));
  }
});

test("a personality may not switch protections off", () => {
  for (const persona of [0, 8, 0x20000, 0x20008, 0xffffffff]) {
    assert.equal(ask("x86_64", "personality", [persona]), "allow");
  }
  assert.equal(ask("x86_64", "personality", [0x40000]), "errno 1");
});

test("on kernels before 4.8 a tracer could get around the filter, so ptrace needs its capability", () => {
  const on = (kernel: string, capabilities: string[]) => {
    const { program } = compileSeccomp(defaultSeccompProfile, { arch: "x86_64", capabilities, kernel });
    return answer(program, callOf("x86_64", "ptrace"));
  };
  assert.equal(on("4.7.9-generic", []), "errno 1");
  assert.equal(on("4.7.9", ["SYS_PTRACE"]), "allow");
  assert.equal(on("4.8.0", []), "allow");
  assert.equal(on("5.1-rc1", []), "allow");
});

test("every name in the tables is a call of some machine, and stands once", () => {
  const abis = ["x86_64", "i386", "x32", "aarch64", "arm"] as const;
  const known = new Set(abis.flatMap((abi) => [...syscallNumbers(abi).keys()]));
  // riscv_hwprobe and sync_file_range2 are of machines that have no table here.
  const foreign = ["riscv_hwprobe", "sync_file_range2"];
  const names = [...harmlessCalls, ...callsOfArchitecture.flatMap(({ names }) => names)];
  assert.deepEqual(
    names.filter((name) => !known.has(name) && !foreign.includes(name)),
    [],
  );
  assert.equal(new Set(names).size, names.length);
});
