import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Op } from "../../src/isolation/plan.ts";
import { frames, launch, makeRoot, mountOp, output, plan, runToEnd, scratch, sh } from "./harness.ts";

const bind = (source: string, target: string, more: Partial<Extract<Op, { op: "bind" }>> = {}): Op => ({
  op: "bind",
  source,
  subpath: "",
  target,
  recursive: true,
  attrSet: 0,
  attrClear: 0,
  attrRecursive: false,
  propagation: 0,
  create: "dir",
  ...more,
});

test("a process runs as PID 1 in its own root, and its output and exit code come back", async (t) => {
  const root = makeRoot(scratch(t));
  const end = await runToEnd({ root, argv: sh("echo $$; ls /; echo oops >&2; exit 7") });
  assert.equal(end.stdout, "1\nbin\ndev\netc\nproc\ntmp\n");
  assert.equal(end.stderr, "oops\n");
  assert.equal(end.events.at(-1)?.exitCode, 7);
  assert.equal(end.frames.at(-1)?.type, 33);
});

test("nothing but stdio is open, no signal is blocked or ignored, the mask is 022", async (t) => {
  const root = makeRoot(scratch(t));
  const script = "ls /proc/self/fd; grep -E 'Sig(Blk|Ign)|Umask' /proc/self/status; umask; cat /proc/$$/environ; pwd";
  const { stdout } = await runToEnd({ root, argv: sh(script), after: [{ op: "close_range", first: 3 }] });
  assert.match(stdout, /^0\n1\n2\n3\nUmask:\s0022\nSigBlk:\s0+\nSigIgn:\s0+\n0022\n\/\n$/);
});

test("a process that a signal ends has code 128 and the signal", async (t) => {
  const root = makeRoot(scratch(t));
  const run = launch(plan({ root, argv: ["sleep", "1000"] }));
  const started = await run.event("started");
  process.kill(Number(started?.pid), "SIGKILL");
  const exit = await run.event("exit");
  assert.deepEqual([exit?.exitCode, exit?.signal], [137, 9]);
  assert.match(String(exit?.finishedAt), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
  assert.equal(await run.status, 0);
});

test("started names the process as the host sees it, and times each operation", async (t) => {
  const root = makeRoot(scratch(t));
  const wish = plan({ root, argv: ["sleep", "1000"] });
  const run = launch(wish);
  const started = await run.event("started");
  const stat = readFileSync(`/proc/${started?.pid}/stat`, "utf8").split(" ");
  assert.equal(started?.startTime, Number(stat[21]));
  assert.equal(started?.monitor, run.launcher.pid);
  assert.equal(readFileSync(`/proc/${started?.monitor}/comm`, "utf8"), "cloche:monitor\n");
  assert.ok(started);
  const timed = (started.us as [number, number][]).map(([index]) => index);
  assert.deepEqual(
    timed,
    wish.ops.map((_, index) => index),
  );
  process.kill(Number(started?.pid), "SIGKILL");
  await run.events;
});

test("missing mount points are made inside the root, through links that lead out of it", async (t) => {
  const directory = scratch(t);
  const root = makeRoot(directory);
  const outside = join(directory, "outside");
  const source = join(directory, "source");
  mkdirSync(outside);
  mkdirSync(source);
  writeFileSync(join(source, "file"), "content\n");
  symlinkSync(outside, join(root, "link")); // absolute: dangling inside the root
  symlinkSync("../../../../..", join(root, "up"));
  symlinkSync("/run/deep", join(root, "var"));
  const before = [
    bind(source, "/link/dir"),
    bind(join(source, "file"), "/up/made/file", { create: "file" }),
    bind(join(source, "file"), "/var/other", { create: "file" }),
    bind(source, "/proc/self/root/tmp", { create: "none" }),
  ];
  const first = await runToEnd({ root, argv: ["true"], before });
  assert.deepEqual([first.events[0]?.op, first.events[0]?.errno], ["bind", 40], "magic links are refused");
  const script = `cat /made/file /run/deep/other ${outside}/dir/file`;
  const end = await runToEnd({ root, argv: sh(script), before: before.slice(0, 3) });
  assert.equal(end.stdout, "content\n".repeat(3), end.stderr);
  assert.deepEqual(readdirSync(outside), []);
});

test("an image whose /dev is a link gets its nodes inside the root", async (t) => {
  const directory = scratch(t);
  const root = makeRoot(directory);
  const outside = join(directory, "etc");
  mkdirSync(outside);
  symlinkSync(outside, join(root, "hostdev"));
  const node: Op = { op: "mknod", path: "/hostdev/node", mode: 0o20600, major: 1, minor: 3, uid: 3, gid: 4 };
  await runToEnd({ root, argv: ["true"], before: [node] });
  assert.deepEqual(readdirSync(outside), []);
  const made = lstatSync(join(root, outside, "node"));
  assert.deepEqual([made.mode, made.uid, made.gid], [0o20600, 3, 4]);
});

test("a bind of part of a directory cannot leave it, and read-only means read-only", async (t) => {
  const directory = scratch(t);
  const source = join(directory, "source");
  mkdirSync(join(source, "sub"), { recursive: true });
  writeFileSync(join(source, "sub/name"), "sub\n");
  symlinkSync("/", join(source, "escape"));
  const before = [
    bind(source, "/sub", { subpath: "sub", attrSet: 1 }),
    bind(source, "/escape", { subpath: "escape/sub", attrSet: 1 }),
  ];
  const script = "cat /sub/name /escape/name; echo x > /sub/name";
  const end = await runToEnd({ root: makeRoot(directory), argv: sh(script), before });
  assert.equal(end.stdout, "sub\nsub\n");
  assert.match(end.stderr, /Read-only file system/);
});

test("masked and read-only paths are so; missing ones are left", async (t) => {
  const root = makeRoot(scratch(t));
  writeFileSync(join(root, "secret"), "secret");
  const after: Op[] = [
    ...["/secret", "/proc/keys", "/proc/fs", "/missing", "/secret/below"].map((path): Op => ({ op: "mask", path })),
    { op: "readonly_path", path: "/proc/sys" },
    { op: "readonly_path", path: "/missing" },
    { op: "readonly_root" },
  ];
  const script = "cat /secret /proc/keys; ls /proc/fs; echo 1 > /proc/sys/kernel/domainname; touch /x; touch /dev/ok";
  const end = await runToEnd({ root, argv: sh(script), after });
  assert.equal(end.stdout, "");
  assert.deepEqual(end.stderr.match(/Read-only file system/g)?.length, 2, end.stderr);
});

test("a /dev/null that is none masks nothing: the start fails", async (t) => {
  const root = makeRoot(scratch(t));
  writeFileSync(join(root, "secret"), "secret");
  const before = [mountOp("tmpfs", "/dev"), { op: "symlink", target: "/proc/sysrq-trigger", path: "/dev/null" } as Op];
  const end = await runToEnd({ root, argv: ["true"], before, after: [{ op: "mask", path: "/secret" }] });
  assert.deepEqual([end.events[0]?.event, end.events[0]?.op, end.events[0]?.errno], ["error", "mask", 40]);
});

test("proc files are written on procfs only", async (t) => {
  const root = makeRoot(scratch(t));
  const write: Op = { op: "write_proc", path: "/proc/self/oom_score_adj", data: "500", optional: false };
  const good = await runToEnd({ root, argv: ["cat", "/proc/self/oom_score_adj"], after: [write] });
  assert.equal(good.stdout, "500\n");
  const covered = await runToEnd({ root, argv: ["true"], before: [mountOp("tmpfs", "/proc")], after: [write] });
  assert.deepEqual([covered.events[0]?.op, covered.events[0]?.errno], ["write_proc", 18]);
  const other = bind("/proc/sys", "/proc/self", { create: "none" });
  const redirected = await runToEnd({ root, argv: ["true"], before: [other], after: [write] });
  assert.equal(redirected.events[0]?.op, "write_proc");
});

test("a working directory by way of a leaked descriptor is refused", async (t) => {
  const root = makeRoot(scratch(t));
  for (const path of ["/proc/self/fd/0", "/proc/self/fd/8", "/proc/self/cwd", "/proc/1/root"]) {
    const end = await runToEnd({ root, argv: ["pwd"], after: [{ op: "chdir", path, create: true, uid: 0, gid: 0 }] });
    assert.equal(end.events[0]?.op, "chdir", path);
  }
  const made: Op = { op: "chdir", path: "/place/dir", create: true, uid: 5, gid: 6 };
  assert.equal((await runToEnd({ root, argv: ["pwd"], after: [made] })).stdout, "/place/dir\n");
  assert.equal(lstatSync(join(root, "place/dir")).uid, 5);
});

test("programs are found as docker finds them", async (t) => {
  const root = makeRoot(scratch(t));
  writeFileSync(join(root, "bin/data"), "no program", { mode: 0o644 });
  writeFileSync(join(root, "bin/junk"), "no program", { mode: 0o755 });
  const errno = async (program: string) => (await runToEnd({ root, argv: [program] })).events[0]?.errno;
  assert.deepEqual(
    [
      await errno("missing"),
      await errno("/bin/missing"),
      await errno("data"),
      await errno("/bin/data"),
      await errno("/bin"),
    ],
    [2, 2, 2, 13, 13],
  );
  assert.equal(await errno("junk"), 8);
  assert.equal(await errno(""), 2);
});

test("init reaps orphans, passes signals on, and ends with its child's code", async (t) => {
  const root = makeRoot(scratch(t));
  const after: Op[] = [{ op: "init" }];
  const orphans = "cat /proc/1/comm; (sleep 0.1 & ) ; sleep 0.5; ps -o stat | grep -c Z; ls /proc/1/fd | wc -l; exit 3";
  const end = await runToEnd({ root, argv: sh(orphans), after });
  assert.equal(end.stdout, "cloche:init\n0\n0\n");
  assert.equal(end.events.at(-1)?.exitCode, 3);
  const run = launch(plan({ root, argv: sh("trap 'exit 4' TERM; touch /ready; while :; do sleep 1; done"), after }));
  const pid = Number((await run.event("started"))?.pid);
  while (!existsSync(join(root, "ready"))) await new Promise((resolve) => setTimeout(resolve, 20));
  process.kill(pid, "SIGTERM");
  assert.equal((await run.event("exit"))?.exitCode, 4);
  const missing = await runToEnd({ root, argv: ["missing"], after });
  assert.deepEqual([missing.events[0]?.op, missing.events[0]?.errno], ["execve", 2]);
});

test("a user namespace's root owns the container", async (t) => {
  const directory = scratch(t);
  const root = makeRoot(directory);
  const parent: Op[] = [
    { op: "write_child_proc", path: "uid_map", data: "0 0 1000\n" },
    { op: "write_child_proc", path: "gid_map", data: "0 0 1000\n" },
  ];
  const source: Op = bind("/dev/null", "/dev/null", { create: "file" });
  const wish = plan({ root, argv: sh("id -u; cat /proc/self/uid_map"), parent, flags: 0x7c020000 });
  wish.ops = wish.ops.map((op) => (op.op === "mknod" ? { ...source, stage: "container", phase: "devices" } : op));
  const run = launch(wish);
  const text = output(await frames(run.channel));
  assert.match(text, /^0\n\s+0\s+0\s+1000\n$/, JSON.stringify(await run.events));
});
