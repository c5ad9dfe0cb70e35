/** The glass on the command line: what it shows is what the kernel has. */
import assert from "node:assert/strict";
import { readlinkSync } from "node:fs";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  await engine.ok("run", "-d", "--name", "box", "-m", "64m", "busybox", "sh", "-c", "sleep 600 & wait");
});
after(() => engine?.stop());

const cloche = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await engine.cloche(...args);
  assert.equal(code, 0, stderr + stdout);
  return stdout;
};
const pidOf = async (name: string) => Number(await engine.ok("inspect", "-f", "{{.State.Pid}}", name));

test("explain tells each operation with its command and time, without colours in a pipe", async () => {
  const text = await cloche("container", "explain", "box");
  assert.match(text, /^box: \d+ operations, [\d.]+ (ms|s|µs), started /);
  for (const phase of ["cgroup", "namespaces", "mounts", "seccomp", "exec", "cleanup"])
    assert.match(text, new RegExp(`^${phase} by the`, "m"));
  assert.match(text, /Write "67108864" to .*\n? *.*\$ echo 67108864 > /s);
  assert.match(text, /because: The cgroups? /);
  assert.ok(!text.includes("\x1b["));
  const json = JSON.parse(await cloche("container", "explain", "box", "--format", "json"));
  assert.equal(json.name, "box");
});

test("explain --dry-run takes run's options and starts nothing", async () => {
  const before = await engine.ok("ps", "-aq");
  const text = await cloche("container", "explain", "--dry-run", "-m", "16m", "--read-only", "busybox", "ls", "-l");
  assert.match(text, /^dry run: \d+ operations; nothing was started/);
  assert.match(text, /Make the root read-only\./);
  assert.match(text, /\$ exec ls -l/);
  assert.equal(await engine.ok("ps", "-aq"), before);
});

test("map and ps --tree show both numbers of every process", async () => {
  const pid = await pidOf("box");
  const map = await cloche("container", "map", "box");
  assert.match(map, new RegExp(`^${pid} → 1 .*sh -c`, "m"));
  assert.match(map, /^\d+ → \d+ .*└─ sleep 600$/m);
  assert.match(map, new RegExp(`^net +${/\d+/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[0]} +its own`, "m"));
  assert.match(await cloche("ps", "--tree"), new RegExp(`^box .*\\n.*${pid} → 1 .*\\n.*└─ .*sleep 600`, "m"));
});

test("whois and host namespaces find the container by a host's PID", async () => {
  const pid = await pidOf("box");
  const text = await cloche("whois", String(pid));
  assert.match(text, /in a container of this engine: box, [0-9a-f]{64}/);
  assert.match(text, /✔ net namespace/);
  assert.match(text, /✘ user namespace/);
  assert.match(text, /memory +67108864 bytes/);
  assert.match(await cloche("host", "namespaces", "--type", "net"), new RegExp(`^net .* ${pid} +box`, "m"));
});

test("cgtop prints the tree once, with limits, or says where the numbers are from", async () => {
  const text = await cloche("cgtop", "-b", "-n", "1");
  assert.match(text, /^CONTROL GROUP .*OOM KILLS$/m);
  assert.match(text, /^\/docker\/[0-9a-f]{12} \(box\) +2 .* 64MiB +\d/m);
  assert.match(await cloche("cgtop", "--files"), /memory\.limit_in_bytes +memory\.max/);
  const byPath = (await cloche("cgtop", "-n", "1", "-p", "-a")).split("\n").slice(1, 4);
  assert.deepEqual([...byPath].sort(), byPath);
});

test("cgtop goes on by the stream, and by asking where another rhythm is wanted", async () => {
  for (const [seconds, rounds, least] of [
    ["1", 3, 1500],
    ["0.1", 4, 300],
  ] as const) {
    const began = performance.now();
    const text = await cloche("cgtop", "-b", "-d", seconds, "-n", String(rounds));
    assert.equal(text.match(/^CONTROL GROUP /gm)?.length, rounds);
    assert.equal(text.match(/^\/docker\/[0-9a-f]{12} \(box\) /gm)?.length, rounds);
    assert.ok(performance.now() - began > least, "one table after the other");
  }
});

test("the report of a kill tells what is known, and what is not", async () => {
  // The shell's child grows to more than the limit; the shell itself stays and ends as it likes.
  const grow = "sh -c 'x=0123456789abcdef; while :; do x=$x$x; done'; exit 3";
  const run = await engine.docker("run", "--name", "eater", "-m", "16m", "busybox", "sh", "-c", grow);
  assert.equal(run.code, 3, run.stderr);
  const [{ Cloche: field }] = JSON.parse(await engine.ok("inspect", "eater"));
  const { OOMReport: report } = field;
  assert.deepEqual(
    [report.kills, report.limit, report.exitCode, report.first.fate],
    [1, 16 * 1024 * 1024, 3, "survived"],
  );
  assert.ok(report.peak > 8 * 1024 * 1024 && report.peak <= 16 * 1024 * 1024, String(report.peak));
  assert.equal(report.cgroup.which, "own");
  const text = await cloche("container", "oom", "eater");
  assert.match(text, /PID 1 survived the kill of another process/);
  assert.match(text, /unknown +the ids and commands of the killed processes/);
  assert.match(await cloche("container", "oom", "box"), /killed no process/);
  let events = "";
  // --until 0s is cut to whole seconds: what is younger is not there yet.
  const asked = ["--since", "1h", "--until", "0s", "--filter", "event=oom", "--format", "{{json .Actor.Attributes}}"];
  const looked = async () => {
    events = await engine.ok("events", ...asked);
    return events !== "";
  };
  await until(looked, { what: "the event is there" });
  assert.deepEqual(JSON.parse(events)["cloche.oom.pid1"], "survived");
});

test("when PID 1 itself is killed, the report says so", async () => {
  const grow = "x=0123456789abcdef; while :; do x=$x$x; done";
  await engine.docker("run", "--name", "victim", "-m", "16m", "busybox", "sh", "-c", grow);
  const text = await cloche("container", "oom", "victim");
  assert.match(text, /victims +PID 1 of the container/);
  assert.match(text, /137, that is 128 \+ 9: the kernel killed PID 1 itself/);
});

test("what cannot be shown is said, with a status of its own", async () => {
  const said = async (...args: string[]) => {
    const { code, stdout, stderr } = await engine.cloche(...args);
    assert.notEqual(code, 0, stdout);
    return stderr;
  };
  await engine.ok("create", "--name", "idle", "busybox");
  assert.match(await said("container", "explain", "nosuch"), /No such container: nosuch/);
  assert.match(await said("container", "explain", "idle"), /has not been started: it has no plan yet/);
  assert.match(await said("container", "map", "idle"), /idle is not running: it has no processes/);
  assert.match(await said("whois", "4194304"), /no process has the id 4194304/);
  assert.match(await said("whois", "eins"), /"eins" is not a process id/);
  assert.match(
    await said("container", "explain", "-m", "5m", "box"),
    /--memory is an option of a container that is to be/,
  );
  assert.match(await said("container", "explain", "--dry-run", "nosuch"), /No such image: nosuch/);
  assert.match(await said("cgtop", "--order", "x"), /one of cpu, memory/);
});

test("a process that calls itself by terminal orders is shown in plain letters, on one line", async () => {
  const name = "a\u001b[31m\nb";
  await engine.ok("run", "-d", "--name", "loud", "busybox", "sh", "-c", "sleep 600; :", name);
  for (const args of [
    ["container", "map", "loud"],
    ["ps", "--tree"],
    ["container", "explain", "loud"],
  ]) {
    const text = await cloche(...args);
    assert.ok(!text.includes("\u001b"), args.join(" "));
    assert.match(text, /a\\u001b\[31m\\nb/);
  }
});
