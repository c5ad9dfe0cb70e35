/** What a container that may trace (CAP_SYS_PTRACE) could do to a process that is exec'd into it, on its way in. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { patience } from "../support/until.ts";
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

/** Let a container lie in wait for processes that are exec'd into it. */
async function lieInWait(name: string, options: string[]): Promise<Loot> {
  const seconds = String(4 * patience);
  const words = ["--network", "none", ...options, "hostile", "attacker", "rob", treasure, seconds];
  await engine.ok("run", "-d", "--name", name, ...words);
  const codes: number[] = [];
  while ((await engine.ok("inspect", "-f", "{{.State.Running}}", name)) === "true")
    for (const { code } of await Promise.all([1, 2].map(() => engine.docker("exec", ...SEARCH, name, "true"))))
      codes.push(code);
  // The last ones may have come too late.
  assert.deepEqual([...new Set(codes.slice(0, -2))], [0], "processes are exec'd all the same");
  return JSON.parse(await engine.ok("logs", name));
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

test("attack 1: what is exec'd leads its session and has its terminal, whatever holds for the container", async () => {
  const forbidden = join(engine.directory, "no-clone.json");
  const names = ["clone", "clone3", "fork", "vfork"];
  const syscalls = [{ names, action: "SCMP_ACT_ERRNO", errnoRet: 1 }];
  writeFileSync(forbidden, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls }));
  const kinds = [[], ["no-new-privileges"], ["seccomp=unconfined"], [`seccomp=${forbidden}`]];
  for (const kind of kinds) {
    const options = kind.flatMap((option) => ["--security-opt", option]);
    const id = await engine.ok("run", "-d", "--network", "none", ...options, "hostile", "sleep", "1000");
    // Fields of stat: process, group, session, terminal, foreground group.
    const own = (...words: string[]) => engine.ok("exec", ...words, id, "cat", "/proc/self/stat");
    const [process, , , , group, session, terminal] = (await own()).split(" ");
    assert.deepEqual([group, session, terminal], [process, process, "0"], String(kind));
    const [leader, , , , ownGroup, ownSession, ownTerminal, foreground] = (await own("-t")).split(" ");
    assert.deepEqual([ownGroup, ownSession, foreground], [leader, leader, leader], String(kind));
    assert.equal(Number(ownTerminal) >> 8, 136, "the major number of a pseudo terminal");
  }
});
