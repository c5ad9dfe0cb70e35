/** The script of `container explain --shell` makes by hand what the launcher makes: both are compared in the kernel. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseMountInfo } from "../../src/kernel/proc-mountinfo.ts";
import type { PlanAnswer } from "../../src/wire/glass.ts";
import { importBusybox } from "../support/busybox.ts";
import { readText, startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { ask } from "./ask.ts";

let engine: TestEngine;
let scratch: string;
/** PID 1 of the first container, in whose namespaces another one may live. */
let neighbour = 0;
before(async () => {
  scratch = mkdtempSync(join(tmpdir(), "cloche-by-hand-"));
  engine = await startEngine();
  await importBusybox(engine);
});
after(async () => {
  await engine?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const CONTAINERS = {
  limited: "-m 64m --cpus 0.5 --pids-limit 50 --user 1000:50 -v SCRATCH:/data:ro --tmpfs /cache:size=1m -w /data",
  hardened:
    "--read-only --cap-drop ALL --cap-add NET_BIND_SERVICE --security-opt no-new-privileges --ulimit nofile=100:200 --cgroupns private --oom-score-adj 100",
  guest: "--network container:limited --pid container:limited --tmpfs /run",
};

for (const [name, options] of Object.entries(CONTAINERS)) {
  test(`a container by hand is equal to the launcher's: ${name}`, async (t) => {
    const words = options.replace("SCRATCH", scratch).split(" ");
    await engine.ok("run", "-d", "--name", name, ...words, "busybox", "sleep", "600");
    const theirs = Number(await engine.ok("inspect", "-f", "{{.State.Pid}}", name));
    if (name === "guest") neighbour = Number(await engine.ok("inspect", "-f", "{{.State.Pid}}", "limited"));
    const script = await engine.cloche("container", "explain", name, "--shell");
    assert.equal(script.code, 0, script.stderr);
    writeFileSync(join(scratch, name), script.stdout);
    const hand = await byHand(join(scratch, name));
    t.after(() => hand.end());
    const [made, plan] = [hand.pid, await planOf(name)];
    assert.deepEqual(namespacesOf(made), namespacesOf(theirs));
    assert.ok(mountsOf(theirs).length > 20);
    assert.deepEqual(mountsOf(made), mountsOf(theirs));
    // In another's PID namespace both are just the next one.
    const numbered = !options.includes("--pid ");
    assert.deepEqual(statusOf(made, numbered), statusOf(theirs, numbered));
    for (const file of ["limits", "oom_score_adj", "cmdline", "environ"])
      assert.equal(readText(`/proc/${made}/${file}`), readText(`/proc/${theirs}/${file}`), file);
    assert.equal(readlinkSync(`/proc/${made}/cwd`), readlinkSync(`/proc/${theirs}/cwd`));
    assert.deepEqual(limitsOf(made, plan), limitsOf(theirs, plan));
    if (name === "limited") assert.ok(limitsOf(theirs, plan).length >= 4);
    assert.deepEqual(devicesOf(made), devicesOf(theirs));
    await hand.end();
    assert.deepEqual(hand.left(), [], "the script removes its cgroups");
  });
}

test("the script of a dry run says what would be done, and nothing is done", async () => {
  const { code, stdout } = await engine.cloche("container", "explain", "--dry-run", "--shell", "busybox", "true");
  assert.equal(code, 0);
  assert.match(stdout, /unshare --fork .*--pid/);
  assert.equal(await engine.ok("ps", "-aq", "-f", "status=created"), "");
});

/** Runs the script until `end`. pid: that of its process 1 on the host */
async function byHand(script: string): Promise<{ pid: number; end(): Promise<void>; left(): string[] }> {
  let said = "";
  const child: ChildProcess = spawn("sh", [script], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout?.on("data", (data) => (said += data));
  child.stderr?.on("data", (data) => (said += data));
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const box = `by-hand-${child.pid}`;
  const directories = () =>
    readdirSync("/sys/fs/cgroup", { recursive: false })
      .flatMap((name) => [
        `/sys/fs/cgroup/${name}/docker/${box}`,
        `/sys/fs/cgroup/docker/${box}`,
        `/sys/fs/cgroup/${name}/${box}.scope`,
      ])
      .filter((path) => readText(`${path}/cgroup.procs`) !== "" || exists(path));
  const processes = () => directories().flatMap((path) => readText(`${path}/cgroup.procs`).split("\n").filter(Boolean));
  let pid = 0;
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(`the script ended: ${said}`);
      pid = Number(processes().find((it) => readText(`/proc/${it}/cmdline`).startsWith("sleep\0")) ?? 0);
      return pid > 0;
    },
    { what: () => `the script's container runs\n${said}`, seconds: 30 },
  );
  return {
    pid,
    async end() {
      if (child.exitCode === null && child.signalCode === null) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It has ended.
        }
      }
      await ended;
    },
    left: directories,
  };
}

function exists(path: string): boolean {
  try {
    return readdirSync(path).length > 0;
  } catch {
    return false;
  }
}

async function planOf(name: string): Promise<PlanAnswer> {
  return (await ask<PlanAnswer>(engine.socket, "GET", `/cloche/v1/containers/${name}/plan`)).body;
}

/** Which namespaces are not the host's; those that others live in by their inode. */
function namespacesOf(pid: number): string[] {
  const link = (process: number | "self", kind: string) => readlinkSync(`/proc/${process}/ns/${kind}`);
  const kinds = ["user", "mnt", "pid", "uts", "ipc", "net", "cgroup"].filter(
    (kind) => link(pid, kind) !== link("self", kind),
  );
  return kinds.map((kind) => (neighbour && link(neighbour, kind) === link(pid, kind) ? link(pid, kind) : kind));
}

/** The cgroup of a container, the script's or the launcher's: a scope where systemd makes them. */
const PLACE = /\/(docker|system\.slice)\/(docker-)?(by-hand-\d+|[0-9a-f]{64})(\.scope)?/;

/** In the order of mounting; without what is of one container only: its own layer's directories and cgroup. */
function mountsOf(pid: number): unknown[] {
  return parseMountInfo(readFileSync(`/proc/${pid}/mountinfo`, "utf8")).map((mount) => ({
    mountpoint: mount.mountpoint,
    root: mount.root.replace(PLACE, "/BOX"),
    type: mount.fsType,
    source: mount.source,
    options: [...mount.options].sort(),
    propagation: mount.propagation.map((word) => word.split(":")[0]),
    superOptions: mount.superOptions.filter((option) => !/^(upperdir|workdir)=/.test(option)).sort(),
  }));
}

function statusOf(pid: number, numbered: boolean): Record<string, string> {
  const fields = [
    "Uid",
    "Gid",
    "Groups",
    "Umask",
    "CapInh",
    "CapPrm",
    "CapEff",
    "CapBnd",
    "CapAmb",
    "NoNewPrivs",
    "Seccomp",
    "Seccomp_filters",
  ];
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1]?.trim() ?? "";
  return Object.fromEntries([
    ...fields.map((name) => [name, of(name)]),
    ...(numbered ? [["NSpid", of("NSpid").split(/\s+/).slice(1).join(" ")]] : []),
  ]);
}

/** Every value of a cgroup's file that the plan writes, and which devices may be used. */
function limitsOf(pid: number, plan: PlanAnswer): string[] {
  const mine = readFileSync(`/proc/${pid}/cgroup`, "utf8");
  const place = PLACE.exec(mine)?.[0] ?? "";
  const rows = plan.phases.flatMap(({ rows }) => rows);
  const files = rows.flatMap(({ op, stage }) =>
    op.op === "write_file" && stage === "launcher" ? [String(op.path)] : [],
  );
  const readable = [...new Set(files.map((file) => file.replace(/devices\.(allow|deny)$/, "devices.list")))];
  return readable.map((file) => {
    const own = file.replace(PLACE, place);
    return `${own.split("/").at(-1)} ${readFileSync(own, "utf8")}`;
  });
}

/** Names and numbers in /dev. */
function devicesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/root/dev`).sort();
}
