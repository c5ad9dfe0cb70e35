/** Compiled plans, carried out: what the kernel says about the process afterwards. */
import assert from "node:assert/strict";
import { readFileSync, readlinkSync } from "node:fs";
import { release } from "node:os";
import { test } from "node:test";
import { defaultCapabilities } from "../../src/isolation/defaults.ts";
import { compileSeccomp, defaultSeccompProfile, seccompArch } from "../../src/isolation/seccomp/index.ts";
import { capabilityMask } from "../../src/kernel/capabilities.ts";
import { eventually, frame } from "../native/harness.ts";
import { realSpec, runScript, startContainer, statusField } from "./isolation.ts";

const own = (name: string) => readlinkSync(`/proc/self/ns/${name}`);
/** Returns at once, allows everything: the shortest filter there is (BPF_RET | BPF_K, SECCOMP_RET_ALLOW). */
const allowAll = { program: Uint8Array.from([6, 0, 0, 0, 0, 0, 0xff, 0x7f]), flags: 0 };

test("a plain container has namespaces of its own, but for user and cgroup", async (t) => {
  const box = await startContainer(await realSpec(t));
  for (const name of ["mnt", "pid", "uts", "ipc", "net"]) assert.notEqual(box.namespace(name), own(name), name);
  for (const name of ["user", "cgroup"]) assert.equal(box.namespace(name), own(name), name);
  assert.equal(statusField(box.proc("status"), "NSpid"), `${box.process.pid}\t1`);
});

test("its host name is its own", async (t) => {
  const before = readFileSync("/proc/sys/kernel/hostname", "utf8");
  const spec = { ...(await realSpec(t)), hostname: "somebox", domainname: "example.org" };
  const { stdout } = await runScript(spec, "hostname; cat /proc/sys/kernel/domainname");
  assert.equal(stdout, "somebox\nexample.org\n");
  assert.equal(readFileSync("/proc/sys/kernel/hostname", "utf8"), before);
});

test("the host's namespaces, when asked for, and its PIDs are seen", async (t) => {
  const spec = await realSpec(t, {
    namespaces: { pid: "host", mnt: "new", uts: "host", ipc: "host", net: "host", cgroup: "host" },
    sysctls: {},
  });
  const box = await startContainer(spec);
  for (const name of ["pid", "uts", "ipc", "net"]) assert.equal(box.namespace(name), own(name), name);
  const { stdout } = await box.exec(`[ -d /proc/${process.pid} ] && echo seen`);
  assert.equal(stdout, "seen\n");
});

test("with the host's PIDs, what a container leaves behind is killed with it", async (t) => {
  const spec = await realSpec(t);
  const { stdout, exitCode } = await runScript(
    { ...spec, namespaces: { ...spec.namespaces, pid: "host" } },
    "sleep 600 >/dev/null 2>&1 </dev/null & echo $!",
  );
  assert.equal(exitCode, 0);
  await eventually(() => !isAlive(Number(stdout)));
});

test("another container's namespaces: its PIDs, network, host name and IPC", async (t) => {
  const first = await startContainer({ ...(await realSpec(t)), hostname: "first" });
  const spec = await realSpec(t, { sysctls: {} });
  const { process } = first;
  const second = await startContainer({
    ...spec,
    namespaces: { ...spec.namespaces, pid: process, net: process, ipc: process, uts: process },
  });
  for (const name of ["pid", "net", "ipc", "uts"]) assert.equal(second.namespace(name), first.namespace(name), name);
  assert.notEqual(second.namespace("mnt"), first.namespace("mnt"));
  const { stdout } = await second.exec("hostname; cat /proc/1/comm");
  assert.equal(stdout, "first\nsleep\n");
});

test("a cgroup namespace begins where the container stands", async (t) => {
  const spec = await realSpec(t);
  const { stdout, stderr } = await runScript(
    { ...spec, namespaces: { ...spec.namespaces, cgroup: "new" } },
    "cat /proc/self/cgroup; ls /sys/fs/cgroup; find /sys/fs/cgroup -name cgroup.procs | xargs grep -h '^1$'",
  );
  assert.equal(stderr, "");
  for (const line of stdout.split("\n").filter((line) => /^\d+:/.test(line))) assert.match(line, /:\/$/);
  assert.match(stdout, /^1$/m, "its own first process is in the root of what it sees");
});

test("it is in its cgroup in every hierarchy, and the cgroup goes with it", async (t) => {
  const spec = await realSpec(t);
  const { stdout } = await runScript(spec, "cat /proc/self/cgroup");
  const lines = stdout.trim().split("\n");
  for (const line of lines) assert.ok(line.endsWith(`:${spec.cgroup.path}`), line);
  const layout = spec.cgroup.layout;
  const mountpoint = layout.version === "v1" ? layout.hierarchies[0]?.mountpoint : layout.mountpoint;
  assert.throws(() => readFileSync(`${mountpoint}${spec.cgroup.path}/cgroup.procs`), { code: "ENOENT" });
});

test("capabilities: docker's 14, nothing inheritable or ambient", async (t) => {
  const box = await startContainer(await realSpec(t));
  const status = box.proc("status");
  for (const set of ["CapPrm", "CapEff", "CapBnd"])
    assert.equal(mask(status, set), capabilityMask(defaultCapabilities));
  for (const set of ["CapInh", "CapAmb"]) assert.equal(mask(status, set), 0n);
  assert.equal(statusField(status, "NoNewPrivs"), "0");
  assert.equal(statusField(status, "Seccomp"), "0");
});

test("a user: ids, groups exactly, and no capability of root's", async (t) => {
  const { stdout, exitCode } = await runScript(await realSpec(t), "cat /proc/self/status; echo again > /dev/stdout", {
    uid: 1000,
    gid: 1001,
    groups: [1001, 5, 6],
  });
  assert.equal(statusField(stdout, "Uid"), "1000\t1000\t1000\t1000");
  assert.equal(statusField(stdout, "Gid"), "1001\t1001\t1001\t1001");
  assert.equal(statusField(stdout, "Groups"), "5 6 1001");
  for (const set of ["CapPrm", "CapEff", "CapAmb"]) assert.equal(mask(stdout, set), 0n);
  assert.match(stdout, /again\n$/, "and /dev/stdout can be opened by name");
  assert.equal(exitCode, 0);
});

test("ambient capabilities stay with a user", async (t) => {
  const names = ["NET_BIND_SERVICE"];
  const { stdout } = await runScript(await realSpec(t), "cat /proc/self/status", {
    uid: 1000,
    capabilities: { bounding: names, effective: names, permitted: names, inheritable: names, ambient: names },
  });
  assert.equal(mask(stdout, "CapEff"), capabilityMask(names));
});

for (const noNewPrivileges of [false, true]) {
  test(`a filter is loaded ${noNewPrivileges ? "with" : "without"} no_new_privs, for a user too`, async (t) => {
    const box = await startContainer(await realSpec(t), {
      uid: 1000,
      gid: 1000,
      seccomp: allowAll,
      noNewPrivileges,
    });
    assert.equal(statusField(box.proc("status"), "Seccomp"), "2");
    assert.equal(statusField(box.proc("status"), "NoNewPrivs"), noNewPrivileges ? "1" : "0");
  });
}

test("docker's own filter lets every way to start through: a user, --init, a terminal, no_new_privs", async (t) => {
  const arch = seccompArch(process.arch);
  assert.ok(arch, "this machine's architecture has a default filter");
  const seccomp = compileSeccomp(defaultSeccompProfile, {
    arch,
    capabilities: [...defaultCapabilities],
    kernel: release(),
  });
  const terminal = { rows: 10, cols: 20 };
  for (const noNewPrivileges of [false, true]) {
    const changes = { uid: 1000, gid: 1000, init: true, seccomp, terminal, noNewPrivileges };
    const { stdout } = await runScript(
      await realSpec(t),
      "grep Seccomp: /proc/self/status; unshare -U true && echo new",
      changes,
    );
    assert.match(stdout, /^Seccomp:\t2\r\nunshare: .*Operation not permitted\r\n$/);
  }
});

test("limits, umask, working directory, environment", async (t) => {
  const { stdout, stderr } = await runScript(
    await realSpec(t),
    "ulimit -n; ulimit -Hn; umask; pwd; echo $FOO; ls -dln . ..",
    {
      rlimits: [{ resource: "nofile", soft: 100, hard: 200, required: true }],
      umask: 0o027,
      cwd: "/not/there/yet",
      env: ["FOO=bar", "PATH=/bin"],
    },
  );
  assert.equal(stderr, "");
  const [soft, hard, umask, cwd, foo, ...folders] = stdout.trim().split("\n");
  assert.deepEqual([soft, hard, umask, cwd, foo], ["100", "200", "0027", "/not/there/yet", "bar"]);
  for (const folder of folders) assert.match(folder, /^drwxr-xr-x +\d+ 0 +0 /);
});

test("sysctls are set inside and not outside", async (t) => {
  const outside = readFileSync("/proc/sys/net/ipv4/ip_default_ttl", "utf8");
  const spec = await realSpec(t, { sysctls: { "net.ipv4.ip_default_ttl": "33", "kernel.shmmax": "12345" } });
  const { stdout } = await runScript(spec, "cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/shmmax");
  assert.equal(stdout, "33\n12345\n");
  assert.equal(readFileSync("/proc/sys/net/ipv4/ip_default_ttl", "utf8"), outside);
});

test("nothing but stdio is open", async (t) => {
  const { stdout } = await runScript(
    await realSpec(t),
    "for fd in /proc/self/fd/*; do [ -e $fd ] && basename $fd; done",
  );
  assert.deepEqual(stdout.trim().split("\n"), ["0", "1", "2"]);
});

test("a working directory that is a descriptor of the host's is refused (CVE-2024-21626)", async (t) => {
  for (const fd of [3, 4, 5, 6, 7, 8, 9, 64]) {
    const { exitCode, events } = await runScript(await realSpec(t), "pwd", { cwd: `/proc/self/fd/${fd}` });
    assert.equal(exitCode, undefined);
    assert.match(String(events.at(-1)?.op), /^(mkdir|chdir)$/);
  }
});

test("--init: the program is a child, its code comes through, orphans are reaped", async (t) => {
  const { stdout, exitCode } = await runScript(
    await realSpec(t),
    "cat /proc/1/comm; (sleep 0 & exec true); sleep 0.3; cat /proc/[0-9]*/stat | grep -c ' Z ' ; exit 5",
    { init: true },
  );
  assert.match(stdout, /^cloche:init\n0\n$/);
  assert.equal(exitCode, 5);
});

test("a terminal: the container's own, of the size asked for, the user's", async (t) => {
  const script = "tty; stty size; ls -ln /dev/console /dev/pts/0 | cut -c1-40; echo again > /dev/tty";
  const terminal = { rows: 33, cols: 101 };
  const { stdout } = await runScript(await realSpec(t), script, { terminal, stdin: true, uid: 1000 });
  const [tty, size, consoleNode, slave, again] = stdout.split("\r\n");
  assert.deepEqual([tty, size, again], ["/dev/pts/0", "33 101", "again"]);
  for (const node of [consoleNode, slave]) assert.match(node ?? "", /^crw--w---- +\d+ 1000 +5 /);
});

test("a command that is not there fails the start, and says so", async (t) => {
  const { events } = await runScript({ ...(await realSpec(t)) }, "", { env: ["PATH=/nowhere"] });
  const { event, op, object, errno } = events.at(-1) ?? {};
  assert.deepEqual({ event, op, object, errno }, { event: "error", op: "execve", object: "sh", errno: 2 });
});

// -- exec -------------------------------------------------------------------------------------------------------------

test("exec joins every namespace, the cgroup and the root", async (t) => {
  const spec = await realSpec(t);
  const box = await startContainer({
    ...spec,
    namespaces: { ...spec.namespaces, cgroup: "new" },
    hostname: "execbox",
  });
  const names = ["mnt", "pid", "uts", "ipc", "net", "cgroup"];
  const script = `for n in ${names.join(" ")}; do readlink /proc/self/ns/$n; done; hostname; cat /proc/self/cgroup; ls /`;
  const { stdout, exitCode } = await box.exec(script);
  const lines = stdout.trim().split("\n");
  assert.deepEqual(
    lines.slice(0, names.length),
    names.map((name) => box.namespace(name)),
  );
  assert.equal(lines[names.length], "execbox");
  for (const line of lines.filter((line) => /^\d+:/.test(line))) assert.match(line, /:\/$/);
  assert.ok(lines.includes("proc") && !lines.includes("boot"));
  assert.equal(exitCode, 0);
});

test("exec has its own user, directory, terminal and exit code", async (t) => {
  const box = await startContainer(await realSpec(t));
  const { stdout, exitCode } = await box.exec("id -u; pwd; tty; cat /proc/self/status; exit 9", {
    uid: 7,
    cwd: "/tmp",
    terminal: { rows: 1, cols: 1 },
    noNewPrivileges: true,
    seccomp: allowAll,
  });
  const [uid, cwd, tty] = stdout.split("\r\n");
  assert.deepEqual([uid, cwd, tty, exitCode], ["7", "/tmp", "/dev/pts/0", 9]);
  assert.equal(statusField(stdout.replaceAll("\r", ""), "Seccomp"), "2");
});

test("exec: what it asks for and cannot have fails it, and the container goes on", async (t) => {
  const box = await startContainer(await realSpec(t));
  const missing = await box.exec("true", { cwd: "/nowhere" });
  assert.equal(missing.events.at(-1)?.op, "chdir");
  const { exitCode } = await box.exec("true");
  assert.equal(exitCode, 0);
});

test("exec into a process that has ended is refused", async (t) => {
  const box = await startContainer(await realSpec(t));
  box.process.startTime += 1;
  const { events } = await box.exec("true");
  assert.equal(events.at(-1)?.op, "open_process");
});

test("stdin reaches the process", async (t) => {
  const spec = await realSpec(t);
  const box = await startContainer(spec, {
    argv: ["sh", "-c", "read line; echo $line > /got; sleep 600"],
    stdin: true,
  });
  box.run.channel.write(frame(0, "hello\n"));
  await eventually(async () => (await box.exec("cat /got 2>/dev/null")).stdout === "hello\n");
});

test("a user namespace: root inside, somebody else outside", async (t) => {
  // ping_group_range takes mapped groups only.
  const spec = await realSpec(t, { sysctls: {} });
  const map = [{ containerId: 0, hostId: 0, size: 65536 }];
  const box = await startContainer({
    ...spec,
    namespaces: { ...spec.namespaces, user: { uidMap: map, gidMap: map } },
  });
  assert.notEqual(box.namespace("user"), own("user"));
  assert.equal(box.proc("uid_map").trim().split(/\s+/).join(" "), "0 0 65536");
  const { stdout } = await box.exec("id -u; echo > /dev/null && echo device");
  assert.equal(stdout, "0\ndevice\n");
});

function mask(status: string, name: string): bigint {
  return BigInt(`0x${statusField(status, name) || "f"}`);
}

function isAlive(pid: number): boolean {
  try {
    // A zombie that nobody has reaped yet is dead too.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
