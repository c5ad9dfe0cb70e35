import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { topProcesses } from "./top.ts";

/** ps of the host, split as docker does: the last title takes all the rest. */
function realPs(args: string, pids: number[]): string[][] {
  const output = execFileSync("ps", [...args.split(" "), "-ww", "-q", pids.join()], { encoding: "utf8" });
  const lines = output.trimEnd().split("\n");
  const count = lines[0]?.trim().split(/\s+/).length ?? 0;
  return lines.map((line) => {
    const fields = line.trim().split(/\s+/);
    return [...fields.slice(0, count - 1), fields.slice(count - 1).join(" ")];
  });
}

/** A process that does nothing but sleep, with a niceness and two arguments that ps may stumble over. */
async function sleeper(t: TestContext): Promise<number> {
  const child = spawn("sh", ["-c", "exec nice -n 5 sleep 1000 0"], { stdio: "ignore", detached: true });
  t.after(() => child.kill("SIGKILL"));
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  for (let tries = 0; tries < 1000; tries++) {
    const top = await topProcesses([pid], "-o pid,stat,args");
    if (top.Processes[0]?.[2] === "sleep 1000 0" && top.Processes[0][1]?.startsWith("S")) return pid;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return assert.fail("sleep did not start");
}

const hasPs = (() => {
  try {
    return execFileSync("ps", ["--version"], { encoding: "utf8" }).startsWith("ps from procps-ng");
  } catch {
    return false;
  }
})();

test("every format is what the host's ps prints", { skip: !hasPs && "needs procps" }, async (t) => {
  const pid = await sleeper(t);
  const formats = [
    "-f",
    "-F",
    "-l",
    "-ly",
    "-lf",
    "-lF",
    "-fL",
    "-lL",
    "-T",
    "-j",
    "-fj",
    "-c",
    "-fc",
    "-w",
    "u",
    "l",
    "j",
    "x",
    "H",
    "-o pid,ppid,user,ruser,uid,gid,group,comm,ucmd,args",
    "-o pid,pcpu,pmem,vsz,rss,sz,stat,s,tty,tname,time,bsdtime,times,etime,start,lstart",
    "-o pid -o stime,start_time,bsdstart,nlwp,thcount,ni,pri,psr,cls,rtprio,wchan,lwp,pgid,sid,tpgid,f,addr,cmd",
  ];
  for (const format of formats) {
    const { Titles, Processes } = await topProcesses([pid], format);
    const ours = [Titles, ...Processes].map((line) => line.map((value) => value.replace(/\s+/g, " ")));
    assert.deepEqual(withoutClocks(ours), withoutClocks(realPs(format, [pid])), format);
  }
});

/** Shares of CPU time and ages change between two looks: that both have a number is all that can be compared. */
function withoutClocks([titles = [], ...lines]: string[][]): string[][] {
  const isClock = (index: number) => ["C", "%CPU", "ELAPSED"].includes(titles[index] ?? "");
  return [titles, ...lines.map((line) => line.map((value, at) => (isClock(at) ? value.replace(/\d+/g, "N") : value)))];
}

test("docker's default is -ef", async () => {
  const { Titles, Processes } = await topProcesses([process.pid], "");
  assert.deepEqual(Titles, ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]);
  assert.equal(Processes.length, 1);
  assert.equal(Processes[0]?.[1], String(process.pid));
  assert.deepEqual((await topProcesses([process.pid], "-ef")).Titles, Titles);
});

test("aux, with and without a dash, is BSD's user format", async () => {
  const titles = ["USER", "PID", "%CPU", "%MEM", "VSZ", "RSS", "TTY", "STAT", "START", "TIME", "COMMAND"];
  for (const args of ["aux", "-aux", " au  x "]) assert.deepEqual((await topProcesses([], args)).Titles, titles);
});

test("columns can be chosen in several ways and get titles of their own", async () => {
  const titles = async (args: string) => (await topProcesses([], args)).Titles;
  assert.deepEqual(await titles("-o pid,comm"), ["PID", "COMMAND"]);
  assert.deepEqual(await titles("-eo pid -o user,cmd"), ["PID", "USER", "CMD"]);
  assert.deepEqual(await titles("axo pid,%cpu"), ["PID", "%CPU"]);
  assert.deepEqual(await titles("--format=pid,args --width 80"), ["PID", "COMMAND"]);
  assert.deepEqual(await titles("-opid,comm=NAME"), ["PID", "NAME"]);
});

test("threads come one a line", async () => {
  const { Titles, Processes } = await topProcesses([process.pid], "-eLf");
  assert.deepEqual(Titles.slice(0, 6), ["UID", "PID", "PPID", "LWP", "C", "NLWP"]);
  assert.ok(Processes.length > 1);
  assert.ok(Processes.every((line) => line[1] === String(process.pid)));
});

test("processes that are gone are left out, the others are in order", async (t) => {
  const pid = await sleeper(t);
  const { Processes } = await topProcesses([pid, 2 ** 30, process.pid], "-o pid");
  assert.deepEqual(
    Processes.flat().map(Number),
    [process.pid, pid].sort((a, b) => a - b),
  );
});

test("what ps would refuse is refused in its words, and what docker would, in docker's", async () => {
  const refused: [string, string, string][] = [
    ["-Q", "invalid", "ps: error: unsupported SysV option"],
    ["Q", "invalid", "ps: error: unsupported option (BSD syntax)"],
    ["--foo", "invalid", "ps: error: unknown gnu long option"],
    ["-o nope", "invalid", 'ps: error: unknown user-defined format specifier "nope"'],
    ["-o pid,PID", "invalid", 'ps: error: unknown user-defined format specifier "PID"'],
    ["-o", "invalid", "ps: error: format specification must follow -o"],
    ["-", "invalid", "ps: error: garbage option"],
    ["-LfT", "invalid", "ps: error: thread flags conflict; can't use both -L and -T"],
    ["-o constructor", "invalid", 'ps: error: unknown user-defined format specifier "constructor"'],
    ["-o comm", "internal", "Couldn't find PID field in ps output"],
    ["-o pid= -o comm", "internal", "Couldn't find PID field in ps output"],
    ["-o pid,comm -o ppid=PID", "invalid", 'specifying "ppid=PID" is not allowed'],
  ];
  for (const [args, kind, message] of refused) {
    await assert.rejects(topProcesses([process.pid], args), { kind, message }, args);
  }
});
