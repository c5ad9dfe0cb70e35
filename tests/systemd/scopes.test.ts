/** --cgroup-driver systemd against the real one: containers are scopes, as docker's are on such hosts. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { readText, startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";

const CGROUPS = "/sys/fs/cgroup";
const skip = !existsSync("/run/systemd/system")
  ? "systemd is not PID 1 of this host: npm run test:cgroup2 -- --systemd systemd"
  : !existsSync(`${CGROUPS}/cgroup.controllers`) && "this host has cgroup v1 controllers";

let engine: TestEngine;
before(async () => {
  if (skip) return;
  engine = await startEngine();
  await importBusybox(engine);
});
after(() => engine?.stop());

const idOf = (name: string) => engine.ok("inspect", "-f", "{{.Id}}", name);
const scopeOf = async (name: string) => `docker-${await idOf(name)}.scope`;
const placeOf = async (name: string) => `${CGROUPS}/system.slice/${await scopeOf(name)}`;
const start = (name: string, ...words: string[]) =>
  engine.ok("run", "-d", "--name", name, "--network", "none", ...words, "busybox", "sleep", "1000");
/** Their state alone, as the engine's user sees it. */
const state = (name: string) =>
  engine.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}", name);

async function property(unit: string, ...names: string[]): Promise<string[]> {
  const options = names.flatMap((name) => ["-p", name]);
  const { stdout } = await command("systemctl", ["show", ...options, unit]);
  const values = new Map(stdout.split("\n").map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]));
  return names.map((name) => values.get(name) ?? "");
}
const isLoaded = async (unit: string) => (await property(unit, "LoadState"))[0] === "loaded";

test("systemd is the driver where it runs with cgroup v2; a container is a scope with its limits", {
  skip,
}, async () => {
  assert.equal(await engine.ok("info", "-f", "{{.CgroupDriver}} {{.CgroupVersion}}"), "systemd 2");
  await start(
    "limited",
    "-m",
    "64m",
    "--memory-swap",
    "96m",
    "--cpus",
    "0.5",
    "--cpu-shares",
    "512",
    "--pids-limit",
    "20",
  );
  const [unit, place] = [await scopeOf("limited"), await placeOf("limited")];
  const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", "limited");
  assert.equal(readText(`/proc/${pid}/cgroup`), `0::/system.slice/${unit}\n`);
  assert.deepEqual(
    await property(
      unit,
      "ActiveState",
      "Slice",
      "Delegate",
      "MemoryMax",
      "MemorySwapMax",
      "CPUQuotaPerSecUSec",
      "TasksMax",
    ),
    ["active", "system.slice", "yes", "67108864", "33554432", "500ms", "21"],
  );
  const files = ["memory.max", "memory.swap.max", "cpu.max", "cpu.weight", "pids.max"];
  const values = files.map((file) => readText(`${place}/${file}`).trim());
  assert.deepEqual(values, ["67108864", "33554432", "50000 100000", "59", "21"]);
  await engine.ok("rm", "-f", "limited");
  await until(async () => !existsSync(place) && !(await isLoaded(unit)), { what: "the scope is forgotten" });
});

test("its keeper is nobody's business: not in top, stats, or a limit on processes", { skip }, async () => {
  assert.equal(
    (await engine.docker("run", "--rm", "--network", "none", "--pids-limit", "1", "busybox", "true")).code,
    0,
  );
  await start("alone", "--pids-limit", "5");
  const top = await engine.ok("top", "alone", "-o", "pid,comm");
  assert.equal(top.split("\n").length, 2, top);
  assert.equal(await engine.ok("stats", "--no-stream", "--format", "{{.PIDs}}", "alone"), "1");
  // A sixth process is one too many, a fifth is not.
  const fill = "for i in 1 2 3 4; do sleep 1000 & done; true";
  const full = await engine.docker("exec", "alone", "sh", "-c", `${fill}; sleep 1`);
  assert.match(full.stderr, /can't fork|Resource temporarily unavailable/);
  await engine.ok("rm", "-f", "alone");
});

test("limits change while it runs, and systemd writes the same ones when it loads its units anew", {
  skip,
}, async () => {
  await start("changing", "-m", "64m");
  const [unit, place] = [await scopeOf("changing"), await placeOf("changing")];
  await engine.ok("update", "-m", "48m", "--memory-swap", "48m", "--pids-limit", "30", "changing");
  assert.deepEqual(await property(unit, "MemoryMax", "TasksMax"), ["50331648", "31"]);
  assert.equal((await command("systemctl", ["daemon-reload"])).code, 0);
  assert.deepEqual(
    ["memory.max", "pids.max"].map((file) => readText(`${place}/${file}`).trim()),
    ["50331648", "31"],
  );
  await engine.ok("rm", "-f", "changing");
});

test("a parent is a slice, made when it is needed; other names are docker's error", { skip }, async () => {
  await start("sliced", "--cgroup-parent", "clt-inner.slice");
  const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", "sliced");
  assert.equal(readText(`/proc/${pid}/cgroup`), `0::/clt.slice/clt-inner.slice/${await scopeOf("sliced")}\n`);
  await engine.ok("rm", "-f", "sliced");
  for (const parent of ["/docker", ".slice", "a.scope"]) {
    const outcome = await engine.docker("run", "--rm", "--cgroup-parent", parent, "busybox", "true");
    assert.match(
      outcome.stderr,
      /cgroup-parent for systemd cgroup should be a valid slice named as "xxx\.slice"/,
      `${parent}: ${outcome.stderr}`,
    );
  }
  const wrong = await engine.docker("create", "--cgroup-parent", "a--b.slice", "busybox");
  assert.match(wrong.stderr, /invalid slice name: a--b\.slice/);
});

test("who was killed for memory is told each time, though systemd removes the cgroup at once", { skip }, async () => {
  const rounds = [1, 2, 3, 4, 5, 6];
  await Promise.all(
    rounds.map((round) =>
      engine.docker(
        "run",
        "--name",
        `oom${round}`,
        "--network",
        "none",
        "-m",
        "16m",
        "--memory-swap",
        "16m",
        "busybox",
        "tail",
        "/dev/zero",
      ),
    ),
  );
  const states = await Promise.all(rounds.map((round) => state(`oom${round}`)));
  assert.deepEqual(
    states,
    rounds.map(() => "exited 137 true"),
  );
  await engine.ok("rm", ...rounds.map((round) => `oom${round}`));
});

test("started again and again at once, it has a scope each time", { skip }, async () => {
  await engine.ok("create", "--name", "again", "--network", "none", "busybox", "true");
  for (let round = 0; round < 4; round++) await engine.ok("start", "-a", "again");
  assert.equal(await state("again"), "exited 0 false");
  const unit = await scopeOf("again");
  await until(async () => !(await isLoaded(unit)), { what: "the last scope is forgotten" });
  await engine.ok("rm", "again");
});

test("it outlives the engine; its scope can be stopped by systemctl, which is the container's end", {
  skip,
}, async () => {
  await start("survivor");
  const unit = await scopeOf("survivor");
  await engine.crash();
  assert.deepEqual(await property(unit, "ActiveState"), ["active"]);
  await engine.restart();
  assert.equal(await engine.ok("exec", "survivor", "echo", "here"), "here");
  assert.equal((await engine.docker("pause", "survivor")).code, 0);
  assert.equal((await engine.docker("unpause", "survivor")).code, 0);
  // sleep as PID 1 does not hear SIGTERM; what then comes is told to be soon.
  await command("systemctl", ["kill", "-s", "KILL", unit]);
  await until(async () => (await state("survivor")) === "exited 137 false", { what: "the end is seen" });
  await until(async () => !(await isLoaded(unit)), { what: "the scope is forgotten" });
  await engine.ok("rm", "survivor");
});

test("a start that fails leaves no scope", { skip }, async () => {
  const outcome = await engine.docker("run", "--name", "broken", "--network", "none", "busybox", "/no/such/program");
  assert.equal(outcome.code, 127, outcome.stderr);
  const [unit, place] = [await scopeOf("broken"), await placeOf("broken")];
  await until(async () => !existsSync(place) && !(await isLoaded(unit)), { what: "it is gone" });
  await engine.ok("rm", "broken");
});

test("what systemd refuses is the error of the start", { skip }, async () => {
  const name = `x${"y".repeat(260)}`;
  const outcome = await engine.docker(
    "run",
    "--name",
    "refused",
    "--network",
    "none",
    "--cgroup-parent",
    `${name}.slice`,
    "busybox",
    "true",
  );
  assert.notEqual(outcome.code, 0);
  assert.match(outcome.stderr, /invalid component|systemd does not start/);
  await engine.docker("rm", "refused");
});

test("explain shows who makes the scope, and how", { skip }, async () => {
  await start("shown");
  const { stdout } = await engine.cloche("container", "explain", "shown");
  assert.match(stdout, /Make a process that does nothing, the keeper/);
  assert.match(stdout, /\$ busctl call .* StartTransientUnit .* docker-\$id\.scope fail .* Slice s system\.slice/);
  await engine.ok("rm", "-f", "shown");
});

test("with --cgroup-driver cgroupfs its containers are where they are on other hosts", { skip }, async (t) => {
  const other = await startEngine(["--cgroup-driver", "cgroupfs"]);
  t.after(() => other.stop());
  await importBusybox(other);
  assert.equal(await other.ok("info", "-f", "{{.CgroupDriver}}"), "cgroupfs");
  const id = await other.ok("run", "-d", "--network", "none", "busybox", "sleep", "1000");
  const pid = await other.ok("inspect", "-f", "{{.State.Pid}}", id);
  assert.equal(readText(`/proc/${pid}/cgroup`), `0::/docker/${id}\n`);
});
