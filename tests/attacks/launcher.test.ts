/** What a container could do to the program that starts it, and what it could inherit from it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { projectRoot, startEngine, type TestEngine } from "../support/engine.ts";
import { patience, until } from "../support/until.ts";
import { call, hostileImage } from "./scene.ts";

let engine: TestEngine;
const launcher = join(projectRoot, "native/build/launcher");
const digest = () => createHash("sha256").update(readFileSync(launcher)).digest("hex");

before(async () => {
  engine = await startEngine();
  await hostileImage(engine, "hostile", [
    // Runs whatever program the interpreter of this script is: the launcher, while it has not left yet.
    { name: "evil", mode: 0o755, text: "#!/proc/self/exe\n" },
  ]);
});
after(() => engine?.stop());

type Spied = Record<"seen" | "exe" | "written" | "fds" | "root" | "environment" | "memory" | "traced", number>;

/** Let a container look for the engine's processes while others are exec'd into it. */
async function spyOnExecs(name: string, options: string[]): Promise<Spied> {
  await engine.ok("run", "-d", "--name", name, ...options, "hostile", "attacker", "spy", String(4 * patience));
  const codes = new Set<number>();
  while ((await engine.ok("inspect", "-f", "{{.State.Running}}", name)) === "true")
    for (const outcome of await Promise.all([1, 2].map(() => engine.docker("exec", name, "true"))))
      codes.add(outcome.code);
  return JSON.parse(await engine.ok("logs", name));
}

test("attack 1: an image whose entrypoint is the launcher itself changes nothing of it", async () => {
  const before = digest();
  const run = await engine.docker("run", "--rm", "--entrypoint", "/evil", "hostile");
  assert.notEqual(run.code, 0);
  const self = await engine.docker(
    "run",
    "--rm",
    "--entrypoint",
    "/proc/self/exe",
    "hostile",
    "overwrite",
    "/proc/1/exe",
  );
  assert.notEqual(self.stdout, "written\n");
  assert.equal(digest(), before);
  assert.equal(await engine.ok("run", "--rm", "hostile", "echo", "well"), "well");
});

test("attack 1: a container gets no hold of a process on its way into it", async () => {
  const spied = await spyOnExecs("spy", []);
  assert.ok(spied.seen > 0, "no process was ever seen on its way: nothing has been proved");
  assert.deepEqual(
    { ...spied, seen: 0 },
    { seen: 0, exe: 0, written: 0, fds: 0, root: 0, environment: 0, memory: 0, traced: 0 },
  );
});

test("attack 1: with all capabilities it still cannot write to the launcher", async () => {
  const before = digest();
  const spied = await spyOnExecs("strong-spy", ["--privileged"]);
  assert.ok(spied.seen > 0, "no process was ever seen on its way: nothing has been proved");
  assert.equal(spied.written, 0);
  assert.equal(digest(), before);
  assert.equal(await engine.ok("run", "--rm", "hostile", "echo", "well"), "well");
});

test("attack 1: with the host's processes in sight, those of the engine stay closed", async () => {
  await engine.ok("run", "-d", "--name", "neighbour", "hostile", "sleep", "1000");
  await engine.ok("run", "-d", "--name", "wide", "--pid", "host", "hostile", "attacker", "spy", String(3 * patience));
  while ((await engine.ok("inspect", "-f", "{{.State.Running}}", "wide")) === "true")
    await engine.ok("run", "--rm", "hostile", "true");
  const spied: Spied = JSON.parse(await engine.ok("logs", "wide"));
  assert.ok(spied.seen > 0);
  assert.deepEqual(
    { ...spied, seen: 0 },
    { seen: 0, exe: 0, written: 0, fds: 0, root: 0, environment: 0, memory: 0, traced: 0 },
  );
});

test("attack 2: no descriptor of the host is open in a container, however it is started", async () => {
  const open = "0\n1\n2";
  assert.equal(await engine.ok("run", "--rm", "hostile", "attacker", "fds"), open);
  assert.equal(await engine.ok("run", "--rm", "--init", "hostile", "attacker", "fds"), open);
  assert.equal(
    await engine.ok("run", "--rm", "-t", "hostile", "attacker", "fds"),
    `${open.replaceAll("\n", "\r\n")}\r`,
  );
  await engine.ok("run", "-d", "--name", "target", "hostile", "sleep", "1000");
  assert.equal(await engine.ok("exec", "target", "attacker", "fds"), open);
});

test("attack 2: a working directory below /proc/self/fd is refused", async () => {
  await engine.ok("run", "-d", "--name", "stays", "hostile", "sleep", "1000");
  const words = ["/proc/self/fd/", "/proc/thread-self/fd/", "/dev/fd/"];
  const paths = Array.from({ length: 31 }, (_, fd) => `${words[fd % 3]}${fd}`).concat([
    "/proc/self/root",
    "/proc/self/cwd",
    "/proc/1/root",
    "/proc/self/fd/7/../../..",
  ]);
  const reached: string[] = [];
  await inTurns(paths, 3, async (path) => {
    const create = await call(engine, "POST", "/containers/create", {
      Image: "hostile",
      Cmd: ["sh", "-c", "pwd; ls"],
      WorkingDir: path,
    });
    const { Id } = JSON.parse(create.text);
    const start = await call(engine, "POST", `/containers/${Id}/start`);
    if (start.status === 204) reached.push(`run -w ${path}`);
    await call(engine, "DELETE", `/containers/${Id}?force=1`);
    const exec = await engine.docker("exec", "-w", path, "stays", "true");
    if (exec.code === 0) reached.push(`exec -w ${path}`);
  });
  assert.deepEqual(reached, []);
});

test("attack 2: nothing of the engine's environment is in a container's", async () => {
  const lines = (await engine.ok("run", "--rm", "-h", "box", "hostile", "attacker", "lines")).split("\n");
  assert.deepEqual(lines.sort(), [
    "argument attacker",
    "argument lines",
    "variable HOME=/root",
    "variable HOSTNAME=box",
    "variable PATH=/bin",
  ]);
  // The init that stays as PID 1 has been a launcher: neither its environment nor its memory can be read.
  const read = await engine.docker(
    "run",
    "--rm",
    "--init",
    "hostile",
    "sh",
    "-c",
    "cat /proc/1/environ || echo refused",
  );
  assert.match(read.stdout, /^(refused)?\n?$/);
});

test("attack 2: the monitor of a container holds nothing open that others could use", async () => {
  const pid = Number(await engine.ok("inspect", "-f", "{{.State.Pid}}", "target"));
  await until(() => statusOf(pid).PPid !== undefined);
  const monitor = Number(statusOf(pid).PPid);
  assert.equal(readFileSync(`/proc/${monitor}/comm`, "utf8"), "cloche:monitor\n");
  assert.equal(readFileSync(`/proc/${monitor}/environ`).length, 0);
});

function statusOf(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, "utf8").trimEnd().split("\n");
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
}

async function inTurns<T>(items: T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
    }),
  );
}
