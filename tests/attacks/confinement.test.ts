/** What a container with default options sees of the machine, may do to it, and what lies open on the host. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, globSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { after, before, test } from "node:test";
import { syscallNumbers } from "../../src/kernel/syscalls/index.ts";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { alive, hostileImage } from "./scene.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await hostileImage(engine, "hostile");
});
after(() => engine?.stop());

/** Run a script; every line of its output is one finding. */
async function findings(options: string[], script: string): Promise<string[]> {
  const { stdout } = await engine.docker("run", "--rm", ...options, "hostile", "sh", "-c", script);
  return stdout.split("\n").filter((line) => line !== "");
}

const ESCAPE = `
  unshare -Urm true 2>/dev/null && echo unshare -Urm
  unshare -m true 2>/dev/null && echo unshare -m
  unshare -C true 2>/dev/null && echo unshare -C
  mkdir -p /tmp/c
  for type in cgroup cgroup2 proc tmpfs sysfs overlay; do mount -t $type x /tmp/c 2>/dev/null && echo mount $type; done
  mount -t cgroup -o rdma x /tmp/c 2>/dev/null && echo mount rdma
  mount -o remount,rw /sys/fs/cgroup 2>/dev/null && echo remount
  mount -o bind,remount,rw /sys 2>/dev/null && echo remount sys
  umount /proc/sys 2>/dev/null && echo umount
  for file in $(find /sys/fs/cgroup -name release_agent -o -name notify_on_release -o -name cgroup.procs -o -name tasks -o -name '*limit_in_bytes' 2>/dev/null)
  do (echo 0 > $file) 2>/dev/null && echo wrote $file; done
  mkdir /sys/fs/cgroup/evil 2>/dev/null && echo cgroup
  for directory in /sys/fs/cgroup/*/; do mkdir $directory/evil 2>/dev/null && echo cgroup $directory; done
  true`;

test("attack 21: no step of the way to a release_agent goes well", async () => {
  assert.deepEqual(await findings([], ESCAPE), []);
});

test("attack 22: the cgroup files are read-only in the host's cgroup namespace too", async () => {
  assert.deepEqual(await findings(["--cgroupns", "host"], ESCAPE), []);
});

test("attack 23: what the filter denies is denied to the container, in every ABI", {
  skip: process.arch !== "x64",
}, async () => {
  const numbers = { "64": syscallNumbers("x86_64"), "32": syscallNumbers("i386"), x32: syscallNumbers("x32") };
  const NEWUSER = 0x10000000;
  const denied: [keyof typeof numbers, string, number[], RegExp?][] = [
    ...[
      "mount",
      "umount2",
      "pivot_root",
      "setns",
      "bpf",
      "keyctl",
      "add_key",
      "request_key",
      "kexec_load",
      "init_module",
    ].map((name): [keyof typeof numbers, string, number[]] => ["64", name, []]),
    ...[
      "finit_module",
      "open_by_handle_at",
      "io_uring_setup",
      "io_uring_enter",
      "io_uring_register",
      "perf_event_open",
    ].map((name): [keyof typeof numbers, string, number[]] => ["64", name, []]),
    ...[
      "userfaultfd",
      "reboot",
      "swapon",
      "acct",
      "settimeofday",
      "fsopen",
      "move_mount",
      "open_tree",
      "mount_setattr",
      "lookup_dcookie",
      "quotactl",
      "syslog",
      "iopl",
    ].map((name): [keyof typeof numbers, string, number[]] => ["64", name, []]),
    ["64", "unshare", [NEWUSER]],
    ["64", "clone", [NEWUSER]],
    ["64", "clone3", [0, 0], /^errno 38$/],
    ["64", "socket", [38, 5]], // AF_ALG
    ["64", "socket", [40, 1]], // AF_VSOCK
    ["64", "personality", [0x40000]],
    ...[
      "mount",
      "umount2",
      "pivot_root",
      "setns",
      "bpf",
      "keyctl",
      "kexec_load",
      "open_by_handle_at",
      "socketcall",
      "iopl",
      "vm86",
    ].map((name): [keyof typeof numbers, string, number[]] => ["32", name, [1, 0]]),
    ["32", "unshare", [NEWUSER]],
    ["x32", "mount", []],
    ["x32", "ptrace", [0, 1]],
    ["x32", "unshare", [NEWUSER]],
  ];
  const input = denied.map(([abi, name, args]) => {
    const number = numbers[abi].get(name);
    assert.notEqual(number, undefined, `${abi} ${name}`);
    return [abi, number, args[0] ?? 0, args[1] ?? 0, args[2] ?? 0].join(" ");
  });
  const { stdout } = await command("docker", ["run", "-i", "--rm", "hostile", "attacker", "calls"], {
    env: { DOCKER_HOST: engine.host },
    input: `${input.join("\n")}\n`,
  });
  const answers = stdout.trimEnd().split("\n");
  assert.equal(answers.length, denied.length);
  assert.deepEqual(
    denied
      .map(([abi, name], index) => `${abi} ${name}: ${answers[index]}`)
      .filter((_, index) => !(denied[index]?.[3] ?? /^errno (1|38)$/).test(answers[index] ?? "")),
    [],
  );
});

test("attack 24: what tells about the machine, or rules it, is masked or read-only", async () => {
  assert.deepEqual(
    await findings(
      [],
      `for f in kcore keys timer_list sched_debug latency_stats interrupts; do [ -e /proc/$f ] && cat /proc/$f 2>/dev/null; done
       for d in /proc/acpi /proc/scsi /proc/asound /sys/firmware /sys/devices/virtual/powercap; do [ -d $d ] && ls $d; done
       for f in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/vm/panic_on_oom /proc/irq/default_smp_affinity \
         /proc/sys/fs/binfmt_misc/register /sys/kernel/uevent_helper /sys/kernel/mm/transparent_hugepage/enabled /sys/power/state
       do (echo 1 > $f) 2>/dev/null && echo wrote $f; done
       touch /proc/bus/x /proc/fs/x /sys/x 2>/dev/null && echo touched; true`,
    ),
    [],
  );
});

test("attack 24: nothing in /proc or /sys can be written that would reach the host", async () => {
  // All files that root could open for writing in there, but for those of the container's own processes.
  const writable = await findings(
    [],
    `find /sys -type f -perm /222 2>/dev/null | while read f; do (: >> $f) 2>/dev/null && echo $f; done
     find /proc -maxdepth 4 -type f -perm /222 ! -path '/proc/[0-9]*' ! -path '/proc/self/*' ! -path '/proc/thread-self/*' 2>/dev/null |
       while read f; do case $f in *trigger|*kcore) ;; esac; (exec 3<>$f) 2>/dev/null && [ ! -c $f ] && echo $f; done; true`,
  );
  // Settings of the container's own namespaces, and what the kernel guards by capabilities at the write.
  assert.deepEqual(
    writable.filter((path) => !/^\/proc\/(mtrr|slabinfo|vmallocinfo|pressure\/|sysvipc|net\/)/.test(path)),
    [],
  );
});

test("attack 24: no device of the host opens, whatever node is made", async () => {
  const opened = await findings(
    [],
    `for n in "b 8 0" "b 253 0" "b 254 0" "b 7 0" "c 1 1" "c 1 2" "c 1 4" "c 1 11" "c 10 229" "c 10 200" "c 4 0" "c 4 1" "c 10 237" "c 249 0" "c 108 0"
     do rm -f /tmp/n; mknod /tmp/n $n 2>/dev/null && (head -c1 /tmp/n >/dev/null) 2>/tmp/why && echo read $n; (: > /tmp/n) 2>/dev/null && [ ! -f /tmp/n ] && echo wrote $n; done; true`,
  );
  assert.deepEqual(opened, []);
});

test("attack 25: no process of the host can be seen, signalled or traced", async () => {
  const host = process.pid;
  const seen = await findings(
    [],
    `ls /proc | grep -E '^[0-9]+$' | grep -v -E '^([1-9]|1[0-9])$'; kill -0 ${host} 2>/dev/null && echo killed; [ -e /proc/${host} ] && echo there; true`,
  );
  assert.deepEqual(seen, []);
});

test("attack 25: with the host's processes in sight, the monitor's and the engine's secrets stay closed", async () => {
  await engine.ok("run", "-d", "--name", "one", "hostile", "sleep", "1000");
  const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", "one");
  const monitor = /PPid:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
  const read = await findings(
    ["--pid", "host"],
    `for p in ${monitor} ${engine.pid}; do for f in environ mem maps auxv root/etc/shadow cwd/x fd/0 fd/3 exe; do [ -e /proc/$p ] || echo gone; cat /proc/$p/$f >/dev/null 2>&1 && echo $p $f; done; done; true`,
  );
  assert.deepEqual(read, []);
});

test("attack 25: a fork bomb stops at its limit, and the engine serves on", async () => {
  const bomb = engine.docker("run", "--rm", "--pids-limit", "64", "-m", "64m", "hostile", "attacker", "bomb");
  assert.ok(await alive(engine));
  const { stdout } = await bomb;
  const [made, errno] = stdout.trim().split(" ").map(Number);
  assert.equal(errno, 11);
  assert.ok((made ?? 0) > 10 && (made ?? 999) < 64, stdout);
});

test("attack 26: no socket of the engine can be found or used from the host's network namespace", async () => {
  await engine.ok("run", "-d", "--name", "socket", "hostile", "sleep", "1000");
  const inodes = new Set<string>();
  for (const pid of [engine.pid, ...monitors()]) {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const target = readlink(`/proc/${pid}/fd/${fd}`);
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode) inodes.add(inode);
    }
  }
  assert.ok(inodes.size > 2);
  const lines = await findings(["--net", "host"], "cat /proc/net/unix");
  const abstract = lines.filter((line) => line.includes("@") && inodes.has(line.trim().split(/\s+/)[6] ?? ""));
  assert.deepEqual(abstract, []);
  // Those with a path are reached by the path, and that is not in the container.
  assert.deepEqual(
    await findings(["--net", "host"], `[ -e ${engine.socket} ] && echo there; ls ${engine.execRoot} 2>/dev/null; true`),
    [],
  );
});

test("attack 27: nothing below the roots can be reached by other users of the host", async () => {
  const id = await engine.ok(
    "run",
    "-d",
    "--name",
    "kept",
    "-v",
    "kept:/v",
    "hostile",
    "sh",
    "-c",
    "cp /bin/attacker /suid; chmod 6755 /suid /v; cp -p /suid /v/suid; echo secret; sleep 1000",
  );
  await until(async () => (await engine.ok("logs", "kept")) === "secret");
  const suid = globSync([`${engine.dataRoot}/**/suid`]);
  assert.equal(suid.length, 2);
  const asNobody = (script: string) =>
    command("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", "sh", "-c", script]);
  // The engine's own directory is 0700 in tests; an engine's roots usually are not below one.
  execFileSync("chmod", ["0755", engine.directory]);
  for (const path of suid) assert.notEqual((await asNobody(`'${path}' ids`)).code, 0, path);
  const reached = await asNobody(
    `find ${engine.dataRoot} ${engine.execRoot} -type f -readable 2>/dev/null; ls ${engine.dataRoot} 2>/dev/null`,
  );
  assert.equal(reached.stdout, "");
  // A path that is known does not help either.
  const known = [
    `${engine.dataRoot}/state.db`,
    `${engine.dataRoot}/containers/${id}/${id}-json.log`,
    `${engine.execRoot}/containers/${id}`,
  ];
  for (const path of known) assert.notEqual((await asNobody(`ls -l ${path} && head -c1 ${path}`)).code, 0, path);
  assert.equal(statSync(engine.dataRoot).mode & 0o007, 0);
});

test("attack 27: sockets, records and logs are the owner's alone", async () => {
  const loose: string[] = [];
  for (const path of globSync([
    `${engine.execRoot}/**/*`,
    `${engine.dataRoot}/*.db*`,
    `${engine.dataRoot}/containers/**/*`,
  ])) {
    const status = lstatSync(path);
    if (status.isSymbolicLink() || path.includes("/layer/")) continue;
    // What the container's users read through binds: hosts, hostname, resolv.conf.
    const shared = /\/(hosts|hostname|resolv\.conf)$/.test(path);
    if (status.mode & 0o002 || (status.mode & 0o004 && !shared && !status.isDirectory()))
      loose.push(`${path} ${(status.mode & 0o7777).toString(8)}`);
    if (status.isSocket()) assert.equal(status.mode & 0o077, 0, path);
  }
  assert.deepEqual(loose, []);
  assert.equal(lstatSync(engine.socket).mode & 0o777, 0o660);
});

function monitors(): string[] {
  return readdirSync("/proc").filter((pid) => {
    const path = `/proc/${pid}/comm`;
    return /^\d+$/.test(pid) && existsSync(path) && readText(path) === "cloche:monitor\n";
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function readlink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
