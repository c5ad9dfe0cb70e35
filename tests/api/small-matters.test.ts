/** Small things that clients notice: what dockerd 20.10 says and does, compared by hand. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
});
after(() => engine?.stop());

const run = (...words: string[]) => engine.docker("run", "--rm", "--network", "none", ...words);
const ok = (...words: string[]) => engine.ok("run", "--rm", "--network", "none", ...words);

test("/etc/mtab leads to /proc/mounts, is no change and no part of a commit, and gives way to what is there", async () => {
  assert.equal(await ok("busybox", "readlink", "/etc/mtab"), "/proc/mounts");
  assert.equal(await ok("--read-only", "busybox", "readlink", "/etc/mtab"), "/proc/mounts");
  assert.doesNotMatch(await ok("--tmpfs", "/etc", "busybox", "ls", "/etc"), /mtab/);
  await engine.ok("run", "--name", "plain", "--network", "none", "busybox", "true");
  assert.equal(await engine.ok("diff", "plain"), "");
  const script = "rm /etc/mtab; ln -s /etc/fstab /etc/mtab";
  await engine.ok("run", "--name", "own", "--network", "none", "busybox", "sh", "-c", script);
  assert.match(await engine.ok("diff", "own"), /^[AC] \/etc\/mtab$/m);
  await engine.ok("commit", "own", "with-mtab");
  assert.equal(await ok("with-mtab", "readlink", "/etc/mtab"), "/etc/fstab");
  await engine.ok("rm", "plain", "own");
});

test("CPUs and memory nodes that are not there are refused before anything is made", async () => {
  for (const [option, value, words] of [
    ["--cpuset-mems", "7", /Requested memory nodes are not available - requested 7, available: 0/],
    ["--cpuset-mems", "x", /Invalid value x for cpuset mems: invalid format: x/],
    ["--cpuset-cpus", "4000", /Requested CPUs are not available - requested 4000, available: 0/],
  ] as const) {
    const refused = await engine.docker("create", option, value, "busybox");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, words);
  }
  await engine.ok("create", "--name", "updated", "busybox");
  const update = await engine.docker("update", "--cpuset-mems", "9", "updated");
  assert.match(update.stderr, /Requested memory nodes are not available - requested 9, available: 0/);
  await engine.ok("rm", "updated");
});

test("options of --tmpfs that mean nothing are told by name", async () => {
  for (const [options, words] of [
    ["nonsense", 'invalid tmpfs option ["nonsense"]'],
    ["foo=bar,size=1m", 'invalid tmpfs option ["foo" "bar"]'],
    ["size=nonsense", "invalid tmpfs option size=nonsense: bad value for size"],
    ["mode=abc", "invalid tmpfs option mode=abc: bad value for mode"],
  ] as const) {
    const refused = await run("--tmpfs", `/x:${options}`, "busybox", "true");
    assert.equal(refused.code, 125);
    assert.ok(refused.stderr.includes(words), refused.stderr);
  }
  const options = "ro,size=50%,nr_inodes=1k,uid=5,mode=1770,noatime";
  assert.match(await ok("--tmpfs", `/x:${options}`, "busybox", "grep", " /x ", "/proc/mounts"), /\bro\b.*uid=5/);
});

test("events: filters that nobody knows are passed over", async () => {
  const range = ["events", "--since", "1", "--until", "2"];
  assert.equal((await engine.docker(...range, "--filter", "nonsense=x")).code, 0);
  assert.equal((await engine.docker(...range, "--filter", "type=nonsense")).code, 0);
});

test("an exec that never started is gone with its container's run, all are with the engine's", async () => {
  await engine.ok("run", "-d", "--name", "box", "--network", "none", "busybox", "sleep", "1000");
  const api = async (...words: string[]) => {
    const base = ["-s", "--unix-socket", engine.socket, "-w", "%{http_code}"];
    const { stdout } = await command("curl", [...base, ...words]);
    return { status: Number(stdout.slice(-3)), text: stdout.slice(0, -3) };
  };
  const json = ["-X", "POST", "-H", "Content-Type: application/json", "-d"];
  const create = async () =>
    JSON.parse((await api(...json, '{"Cmd":["true"]}', "http://d/containers/box/exec")).text).Id;
  const inspect = (id: string) => api(`http://d/exec/${id}/json`);
  const first = await create();
  assert.equal((await inspect(first)).status, 200);
  await engine.ok("kill", "box");
  await engine.ok("start", "box");
  const gone = await inspect(first);
  assert.equal(gone.status, 404);
  assert.match(gone.text, /No such exec instance: /);
  const second = await create();
  await engine.crash();
  await engine.restart();
  assert.equal((await inspect(second)).status, 404);
  await engine.ok("rm", "-f", "box");
});

test("a container at its limit of processes still takes an exec", async () => {
  const limits = ["--pids-limit", "2", "--ulimit", "nproc=2:2"];
  const script = "sleep 1000 & wait";
  await engine.ok("run", "-d", "--name", "full", "--network", "none", ...limits, "busybox", "sh", "-c", script);
  // On cgroup v2 a process is born in its cgroup, which its limit forbids; on v1 it moves there.
  const { stdout, stderr } = await engine.docker("exec", "full", "echo", "in");
  if ((await engine.ok("info", "-f", "{{.CgroupVersion}}")) === "1") assert.equal(stdout, "in\n", stderr);
  await engine.ok("rm", "-f", "full");
});

test("a privileged container has a cgroup namespace of its own on v2, where it rules its cgroups, and none on v1", async () => {
  const look =
    "cat /proc/self/cgroup; [ -f /sys/fs/cgroup/cgroup.procs ] && mkdir /sys/fs/cgroup/own && ls -d /sys/fs/cgroup/own";
  const seen = (await ok("--privileged", "busybox", "sh", "-c", `${look}; true`)).split("\n");
  if ((await engine.ok("info", "--format", "{{.CgroupVersion}}")) === "2")
    assert.deepEqual(seen, ["0::/", "/sys/fs/cgroup/own"]);
  else assert.match(seen.join(), /:pids:\/docker\/[0-9a-f]{64}/);
});
