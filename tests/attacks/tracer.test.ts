/** What a container that may trace (CAP_SYS_PTRACE) could do to a process that is exec'd into it, on its way in. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { hostileImage } from "./scene.ts";

let engine: TestEngine;
let treasure: string;

before(async () => {
  engine = await startEngine();
  await hostileImage(engine, "hostile");
  treasure = join(engine.directory, "treasure");
  writeFileSync(treasure, "of the host's root\n");
});
after(() => engine?.stop());

type Loot = Record<"seen" | "robbed" | "stronger" | "descriptors", number>;

/** So long is the search for the program that an exec'd process stays a while what it is before execve. */
const SEARCH = ["-e", `PATH=${"/x:".repeat(2000)}/bin`];

const EXECS = 30;

/** Exec into the container while somebody in there lies in wait; then let that one go. */
async function walkInto(victim: string, robber: string): Promise<void> {
  for (let i = 0; i < EXECS; i += 2)
    for (const { code, stderr } of await Promise.all(
      [1, 2].map(() => engine.docker("exec", ...SEARCH, victim, "true")),
    ))
      assert.equal(code, 0, stderr);
  await engine.ok("exec", robber, "touch", "/stop");
}

/** Let a container lie in wait for processes that are exec'd into it, or into another. */
async function lieInWait(name: string, options: string[], victim = name): Promise<Loot> {
  await engine.ok("run", "-d", "--name", name, "--network", "none", ...options, "hostile", "attacker", "rob", treasure);
  await walkInto(victim, name);
  assert.equal(await engine.ok("wait", name), "0");
  return JSON.parse(await engine.ok("logs", name));
}

/** The one that lies in wait may trace, and shares the PID namespace of another, into which processes are exec'd. */
async function lieInWaitNextDoor(): Promise<Loot> {
  await engine.ok("run", "-d", "--name", "victim", "--network", "none", "hostile", "sleep", "1000");
  return await lieInWait("neighbour", ["--cap-add", "SYS_PTRACE", "--pid", "container:victim"], "victim");
}

const NOTHING = { robbed: 0, stronger: 0, descriptors: 0 };

for (const [name, options] of [
  ["may trace", ["--cap-add", "SYS_PTRACE"]],
  ["may trace and gets no new privileges", ["--cap-add", "SYS_PTRACE", "--security-opt", "no-new-privileges"]],
] as const) {
  test(`attack 1: a container that ${name} finds no power, file or descriptor of the host's in what is exec'd into it`, async () => {
    const { seen, ...loot } = await lieInWait(name.replaceAll(" ", "-"), [...options]);
    assert.ok(seen > 0, "no process was ever seen on its way: nothing has been proved");
    assert.deepEqual(loot, NOTHING);
  });
}

test("attack 1: nor does one that may trace and shares the PID namespace of another", async () => {
  const { seen, ...loot } = await lieInWaitNextDoor();
  assert.ok(seen > 0, "no process was ever seen on its way: nothing has been proved");
  assert.deepEqual(loot, NOTHING);
});

test("attack 1: nor in what is exec'd beside a privileged exec", async () => {
  await engine.ok("run", "-d", "--name", "plain", "--network", "none", "hostile", "sleep", "1000");
  const rob = engine.docker("exec", "--privileged", "plain", "attacker", "rob", treasure);
  await until(async () => /attacker/.test(await engine.ok("top", "plain")), { what: "the robber lies in wait" });
  await walkInto("plain", "plain");
  const { seen, ...loot }: Loot = JSON.parse((await rob).stdout);
  assert.ok(seen > 0, "no process was ever seen on its way: nothing has been proved");
  assert.deepEqual(loot, NOTHING);
});

test("attack 1: what is exec'd leads its session and has its terminal, whatever holds for the container", async () => {
  const forbidden = join(engine.directory, "no-clone.json");
  const names = ["clone", "clone3", "fork", "vfork"];
  const syscalls = [{ names, action: "SCMP_ACT_ERRNO", errnoRet: 1 }];
  writeFileSync(forbidden, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls }));
  const tracing = ["--cap-add", "SYS_PTRACE"];
  const kinds = [[], tracing, [...tracing, "--security-opt", "no-new-privileges"]];
  kinds.push([...tracing, "--security-opt", "seccomp=unconfined"]);
  kinds.push([...tracing, "--security-opt", `seccomp=${forbidden}`]);
  for (const options of kinds) {
    const id = await engine.ok("run", "-d", "--network", "none", ...options, "hostile", "sleep", "1000");
    // Fields of stat: process, group, session, terminal, foreground group.
    const own = (...words: string[]) => engine.ok("exec", ...words, id, "cat", "/proc/self/stat");
    const [process, , , , group, session, terminal] = (await own()).split(" ");
    assert.deepEqual([group, session, terminal], [process, process, "0"], options.join(" "));
    const [leader, , , , ownGroup, ownSession, ownTerminal, foreground] = (await own("-t")).split(" ");
    assert.deepEqual([ownGroup, ownSession, foreground], [leader, leader, leader], options.join(" "));
    assert.equal(Number(ownTerminal) >> 8, 136, "the major number of a pseudo terminal");
  }
});
