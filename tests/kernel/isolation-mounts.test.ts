/** Root, mounts and devices of compiled plans, as the kernel shows them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { MountSpec } from "../../src/isolation/spec.ts";
import { capabilitiesOfMask, capabilityNames } from "../../src/kernel/capabilities.ts";
import { parseMountInfo } from "../../src/kernel/proc-mountinfo.ts";
import { scratch } from "../native/harness.ts";
import { realSpec, runScript, startContainer, statusField } from "./isolation.ts";

const bind = (
  source: string,
  target: string,
  changes: Partial<Extract<MountSpec, { type: "bind" }>> = {},
): MountSpec => ({
  type: "bind",
  source,
  target,
  readonly: false,
  recursive: true,
  recursiveReadonly: "if-possible",
  propagation: "rprivate",
  sourceKind: "dir",
  ...changes,
});

/** What `docker run busybox cat /proc/self/mountinfo` shows with runc 1.1 on a cgroup v1 host, without the cgroups. */
const dockers = `
/ rw,relatime overlay
/proc rw,nosuid,nodev,noexec,relatime proc proc rw
/dev rw,nosuid tmpfs tmpfs rw,size=65536k,mode=755
/dev/pts rw,nosuid,noexec,relatime devpts devpts rw,gid=5,mode=620,ptmxmode=666
/dev/shm rw,nosuid,nodev,noexec,relatime tmpfs shm rw,size=65536k
/dev/mqueue rw,nosuid,nodev,noexec,relatime mqueue mqueue rw
/sys ro,nosuid,nodev,noexec,relatime sysfs sysfs ro
`
  .trim()
  .split("\n");

test("the mounts are docker's", async (t) => {
  const box = await startContainer(await realSpec(t));
  const shown = box.mounts().map(({ mountpoint, options, fsType, source, superOptions }) => {
    const fs = fsType === "overlay" ? fsType : `${fsType} ${source} ${superOptions}`;
    return `${mountpoint} ${options} ${fs}`;
  });
  for (const mount of dockers) assert.ok(shown.includes(mount), `${mount}\nis not among\n${shown.join("\n")}`);
  assert.ok(
    box.mounts().every(({ propagation }) => !propagation.some((word) => word.startsWith("shared:"))),
    "nothing is shared with the host",
  );
});

test("cgroups are shown read-only, its own part only", async (t) => {
  const spec = await realSpec(t);
  const { layout, path } = spec.cgroup;
  const box = await startContainer(spec);
  const mounts = box.mounts().filter(({ mountpoint }) => mountpoint.startsWith("/sys/fs/cgroup"));
  for (const { mountpoint, options } of mounts) assert.ok(options.includes("ro"), mountpoint);
  if (layout.version === "v1") {
    assert.equal(mounts.length, 1 + layout.hierarchies.length);
    for (const { root } of mounts.slice(1)) assert.equal(root, path);
  }
  const { exitCode } = await box.exec(
    "touch /sys/fs/cgroup/x 2>/dev/null || mkdir $(find /sys/fs/cgroup -type d)/x 2>/dev/null",
  );
  assert.notEqual(exitCode, 0);
});

test("nothing that the container mounts is seen on the host, and nothing of the host's root is seen inside", async (t) => {
  const spec = await realSpec(t);
  const before = readFileSync("/proc/self/mountinfo", "utf8");
  const box = await startContainer(spec);
  assert.ok(!readFileSync("/proc/self/mountinfo", "utf8").includes(spec.rootfs.mountpoint));
  assert.ok(before.length > 0);
  const { stdout } = await box.exec("cat /proc/self/mountinfo");
  assert.ok(!stdout.includes(spec.rootfs.mountpoint));
  assert.match(stdout, /^\d+ \d+ [\d:]+ \/ \/ /);
});

test("what is written goes to the upper layer", async (t) => {
  const spec = await realSpec(t);
  await runScript(spec, "echo kept > /file; rm /bin/true; mv /tmp /moved");
  assert.ok(spec.rootfs.source.type === "overlay");
  const upper = join(spec.rootfs.source.base, "upper");
  assert.equal(readFileSync(join(upper, "file"), "utf8"), "kept\n");
  // No layer is changed, and a moved directory is there as a whole: commit and diff read it.
  assert.ok(existsSync(join(spec.rootfs.source.base, "root/bin/true")));
  assert.ok(existsSync(join(upper, "moved")));
});

test("a plain directory serves as root, too", async (t) => {
  const spec = await realSpec(t);
  assert.ok(spec.rootfs.source.type === "overlay");
  const path = join(spec.rootfs.source.base, "root");
  await runScript({ ...spec, rootfs: { ...spec.rootfs, source: { type: "directory", path } } }, "echo here > /file");
  assert.equal(readFileSync(join(path, "file"), "utf8"), "here\n");
});

test("a read-only root: /etc cannot be written, /dev/shm and a tmpfs can; the working directory is made still", async (t) => {
  const spec = await realSpec(t, { mounts: [{ type: "tmpfs", target: "/run", options: [] }] });
  const { stdout, stderr } = await runScript(
    { ...spec, rootfs: { ...spec.rootfs, readonly: true } },
    "pwd; echo a > /etc/a; echo b > /dev/shm/b && echo c > /run/c && cat /dev/shm/b /run/c",
    { cwd: "/a/b" },
  );
  assert.equal(stdout, "/a/b\nb\nc\n");
  assert.match(stderr, /can't create \/etc\/a: Read-only file system/);
});

test("masked and read-only paths", async (t) => {
  const script =
    "cat /proc/keys /proc/timer_list /proc/interrupts; ls /sys/firmware /proc/acpi | grep -v :; " +
    "echo 1 > /proc/sys/kernel/randomize_va_space; echo h > /proc/sysrq-trigger; mkdir /sys/firmware/x; echo x > /proc/keys";
  const { stdout, stderr } = await runScript(await realSpec(t), script);
  assert.equal(stdout.trim(), "");
  assert.match(stderr, /randomize_va_space: Read-only file system/);
  assert.match(stderr, /\/sys\/firmware\/x': Read-only file system/);
});

test("a working directory beneath a mask shows the mask", async (t) => {
  const { stdout } = await runScript(await realSpec(t), "ls -A .", { cwd: "/sys/firmware" });
  assert.equal(stdout, "");
});

test("privileged: all paths open, /sys and cgroups writable, every capability that we have", async (t) => {
  const held = capabilitiesOfMask(BigInt(`0x${statusField(readFileSync("/proc/self/status", "utf8"), "CapBnd")}`));
  const names = capabilityNames.filter((name) => held.includes(name));
  const spec = await realSpec(t, { privileged: true, maskedPaths: [], readonlyPaths: [] });
  const box = await startContainer(
    { ...spec, cgroup: { layout: spec.cgroup.layout, path: spec.cgroup.path, resources: {} } },
    { capabilities: { bounding: names, effective: names, permitted: names, inheritable: [], ambient: [] } },
  );
  for (const { mountpoint, options } of box.mounts()) assert.ok(options.includes("rw"), mountpoint);
  assert.deepEqual(capabilitiesOfMask(BigInt(`0x${statusField(box.proc("status"), "CapEff")}`)), names);
});

// -- binds and tmpfs --------------------------------------------------------------------------------------------------

test("binds: a directory, a file, read-only, a path that is missing in the image", async (t) => {
  const host = scratch(t);
  mkdirSync(join(host, "dir"));
  writeFileSync(join(host, "file"), "from the host\n");
  const spec = await realSpec(t, {
    mounts: [
      bind(join(host, "dir"), "/data/deep"),
      bind(join(host, "file"), "/etc/some/file", { sourceKind: "file", readonly: true }),
    ],
  });
  const { stdout, stderr } = await runScript(
    spec,
    "cat /etc/some/file; echo back > /data/deep/back; echo x > /etc/some/file",
  );
  assert.equal(stdout, "from the host\n");
  assert.equal(readFileSync(join(host, "dir/back"), "utf8"), "back\n");
  assert.match(stderr, /can't create \/etc\/some\/file: Read-only file system/);
});

test("read-only binds take what is mounted below with them, unless told otherwise", async (t) => {
  const host = mounted(t);
  mountTmpfs(join(host, "sub"));
  const spec = await realSpec(t, {
    mounts: [
      bind(host, "/rw"),
      bind(host, "/rro", { readonly: true }),
      bind(host, "/ro", { readonly: true, recursiveReadonly: "no" }),
      bind(host, "/flat", { recursive: false }),
    ],
  });
  const box = await startContainer(spec);
  const options = (path: string) => box.mounts().find(({ mountpoint }) => mountpoint === path)?.options[0];
  const seen = ["/rw", "/rw/sub", "/rro", "/rro/sub", "/ro", "/ro/sub", "/flat", "/flat/sub"].map(options);
  assert.deepEqual(seen, ["rw", "rw", "ro", "ro", "ro", "rw", "rw", undefined]);
});

test("propagation: a slave sees what the host mounts later, a private one does not", async (t) => {
  const host = mounted(t);
  const box = await startContainer(
    await realSpec(t, { mounts: [bind(host, "/slave", { propagation: "rslave" }), bind(host, "/private")] }),
  );
  mountTmpfs(join(host, "late"));
  const has = (path: string) => box.mounts().some(({ mountpoint }) => mountpoint === path);
  assert.deepEqual([has("/slave/late"), has("/private/late")], [true, false]);
});

test("propagation: what is mounted in a shared bind shows on the host, and nothing else does", async (t) => {
  const host = mounted(t);
  mkdirSync(join(host, "inside"));
  const spec = await realSpec(t, {
    privileged: true,
    mounts: [bind(host, "/shared", { propagation: "rshared" }), bind(host, "/slave", { propagation: "rslave" })],
  });
  const capabilities = ["SYS_ADMIN"];
  const all = {
    bounding: capabilities,
    effective: capabilities,
    permitted: capabilities,
    inheritable: [],
    ambient: [],
  };
  const box = await startContainer(spec);
  const { stderr } = await box.exec("mount -t tmpfs none /shared/inside; mount -t tmpfs none /tmp", {
    capabilities: all,
  });
  assert.equal(stderr, "");
  const seen = parseMountInfo(readFileSync("/proc/self/mountinfo", "utf8"));
  assert.ok(seen.some(({ mountpoint }) => mountpoint === join(host, "inside")));
  assert.ok(!seen.some(({ mountpoint }) => mountpoint.startsWith(spec.rootfs.mountpoint)));
});

test("containers that share the IPC namespace share /dev/shm", async (t) => {
  const first = await startContainer(await realSpec(t));
  await first.exec("echo hello > /dev/shm/greeting");
  const spec = await realSpec(t);
  const second = await startContainer({ ...spec, namespaces: { ...spec.namespaces, ipc: first.process } });
  assert.equal((await second.exec("cat /dev/shm/greeting")).stdout, "hello\n");
  assert.notEqual(second.namespace("mnt"), first.namespace("mnt"));
});

test("tmpfs: options, and noexec unless told otherwise", async (t) => {
  const spec = await realSpec(t, {
    mounts: [
      { type: "tmpfs", target: "/a", options: [] },
      { type: "tmpfs", target: "/b", options: ["exec", "size=1m", "mode=700"] },
      { type: "tmpfs", target: "/dev/shm", options: ["size=2m"] },
    ],
  });
  const box = await startContainer(spec);
  const shown = (path: string) =>
    box
      .mounts()
      .filter(({ mountpoint }) => mountpoint === path)
      .map((m) => `${m.options} ${m.superOptions}`);
  assert.deepEqual(shown("/a"), ["rw,nosuid,nodev,noexec,relatime rw"]);
  assert.deepEqual(shown("/b"), ["rw,nosuid,nodev,relatime rw,size=1024k,mode=700"]);
  assert.deepEqual(shown("/dev/shm"), ["rw,nosuid,nodev,noexec,relatime rw,size=2048k"]);
});

test("a tmpfs without a mode has that of the directory it covers, or 1777 where none was", async (t) => {
  const spec = await realSpec(t, {
    mounts: ["/etc", "/new"].map((target) => ({ type: "tmpfs", target, options: [] })),
  });
  const { stdout } = await runScript(spec, "stat -c %a /etc /new; grep -c tmpfs /proc/self/mountinfo");
  assert.match(stdout, /^755\n1777\n/);
});

test("an image's links lead nowhere but into the image", async (t) => {
  const host = scratch(t);
  chmodSync(host, 0o777);
  const spec = await realSpec(t, { mounts: [bind(host, "/link/inside"), bind(host, "/up/inside")] });
  assert.ok(spec.rootfs.source.type === "overlay");
  const root = join(spec.rootfs.source.base, "root");
  const outside = scratch(t);
  symlinkSync(outside, join(root, "link"));
  symlinkSync("../../../../../../..", join(root, "up"));
  const { exitCode } = await runScript(
    spec,
    `[ -d ${outside}/inside ] && [ -d /inside ] && echo x > ${outside}/inside/x`,
  );
  assert.equal(exitCode, 0);
  assert.ok(!existsSync(join(outside, "inside")) && !existsSync("/inside"));
  assert.ok(
    existsSync(join(host, "x")),
    "what the link names, inside the image, is the host's directory that was bound",
  );
});

test("an image whose /dev is a link makes nothing on the host (CVE-2026-41579)", async (t) => {
  const spec = await realSpec(t);
  assert.ok(spec.rootfs.source.type === "overlay");
  const root = join(spec.rootfs.source.base, "root");
  const outside = scratch(t);
  execFileSync("rmdir", [join(root, "dev")]);
  symlinkSync(outside, join(root, "dev"));
  await runScript(spec, "true");
  assert.deepEqual(execFileSync("ls", ["-A", outside], { encoding: "utf8" }), "");
});

test("a volume on /proc is not written to in the name of the kernel (CVE-2025-52881)", async (t) => {
  const host = scratch(t);
  mkdirSync(join(host, "sys/net/ipv4"), { recursive: true });
  writeFileSync(join(host, "sys/net/ipv4/ip_default_ttl"), "untouched");
  const spec = await realSpec(t, { mounts: [bind(host, "/proc")], sysctls: { "net.ipv4.ip_default_ttl": "33" } });
  await runScript(spec, "true");
  assert.equal(readFileSync(join(host, "sys/net/ipv4/ip_default_ttl"), "utf8"), "untouched");
});

/** A shared tmpfs on the host; what is mounted in it goes before it. */
function mounted(t: TestContext): string {
  const host = mkdtempSync(join(tmpdir(), "isolation-"));
  t.after(() => {
    execFileSync("umount", ["-R", "-l", host]);
    rmdirSync(host);
  });
  mountTmpfs(host);
  execFileSync("mount", ["--make-shared", host]);
  return host;
}

function mountTmpfs(path: string): void {
  mkdirSync(path, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "none", path]);
}

// -- devices ----------------------------------------------------------------------------------------------------------

test("devices: the usual ones, those asked for, and no other can be opened", async (t) => {
  const spec = await realSpec(t, {
    devices: [{ path: "/dev/sub/mine", type: "c", major: 1, minor: 3, mode: 0o640, uid: 3, gid: 4 }],
  });
  const script =
    "ls -ln /dev/sub/mine /dev/null | cut -c1-44; head -c 3 /dev/zero | wc -c; echo > /dev/full; echo ok > /dev/null && " +
    "mknod /dev/kmsg c 1 11 && cat /dev/kmsg";
  const { stdout, stderr } = await runScript(spec, script);
  const [nullNode, mine, count] = stdout.split("\n");
  assert.match(mine ?? "", /^crw-r----- +1 3 +4 +1, +3/);
  assert.match(nullNode ?? "", /^crw-rw-rw- +1 0 +0 +1, +3/);
  assert.equal(count, "3");
  assert.match(stderr, /No space left on device/);
  assert.match(stderr, /can't open '\/dev\/kmsg': Operation not permitted/);
});

test("a device outside of /dev is made anew or found at each start", async (t) => {
  const device = { path: "/mine", type: "c" as const, major: 1, minor: 5, mode: 0o666, uid: 0, gid: 0 };
  const spec = await realSpec(t, { devices: [device] });
  for (let start = 0; start < 2; start++) {
    const { stdout } = await runScript(spec, "head -c 3 /mine | wc -c");
    assert.equal(stdout, "3\n");
  }
});
