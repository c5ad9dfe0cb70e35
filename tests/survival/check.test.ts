/** `cloche system check`: whose is what, orphans found and removed, what others own left alone. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, globSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { until } from "../support/until.ts";
import { assertNothingLeftOver, startScene } from "./invariants.ts";

let engine: Awaited<ReturnType<typeof startScene>>;
before(async () => {
  engine = await startScene();
  await importBusybox(engine);
  await engine.ok("run", "-d", "--name", "web", "-v", "/data", "-p", "127.0.0.1::80", "busybox", "sleep", "1000");
});
after(() => engine?.stop());

type Finding = {
  Kind: string;
  Name: string;
  State: string;
  Size?: number;
  Owner: { Type: string; Name: string } | null;
};

async function findings(): Promise<Finding[]> {
  const { stdout } = await engine.cloche("system", "check", "--format", "json");
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Of our own; other engines' monitors and bridges may be on the same host. */
async function check(...flags: string[]) {
  return engine.cloche("system", "check", ...flags);
}

test("everything that a running container has is found and is its own", async () => {
  const { code, stdout } = await check();
  assert.equal(code, 0, stdout);
  assert.match(stdout, /, 0 orphans/);
  const owned = (kind: string, owner: string) =>
    stdout.split("\n").some((line) => new RegExp(`^${kind} +owned +${owner}`).test(line));
  for (const kind of ["directory", "cgroup", "interface", "firewall", "process"]) {
    assert.ok(owned(kind, "container web"), `no ${kind} of the container in\n${stdout}`);
  }
  for (const owner of ["engine", "volume", "image docker.io/library/busybox", "network bridge"]) {
    assert.match(stdout, new RegExp(`owned +${owner}`));
  }
});

test("the answer is there as JSON, with sizes in bytes", async () => {
  const [upper] = (await findings()).filter(
    ({ Name }) => Name.includes("/containers/") && Name.startsWith(engine.dataRoot),
  );
  assert.equal(upper?.State, "owned");
  assert.ok(Number(upper?.Size) > 0);
});

test("orphans are listed and removed; a cgroup that may be another engine's is not touched", async () => {
  const lost = randomBytes(32).toString("hex");
  const foreign = randomBytes(32).toString("hex");
  mkdirSync(join(engine.dataRoot, "containers", lost, "layer", "upper"), { recursive: true });
  writeFileSync(join(engine.dataRoot, "containers", lost, "layer", "upper", "file"), "x");
  mkdirSync(join(engine.execRoot, "containers", lost));
  const parents = globSync([`/sys/fs/cgroup${engine.cgroupParent}`, `/sys/fs/cgroup/*${engine.cgroupParent}`]);
  const cgroups = (id: string) => parents.map((parent) => join(parent, id));
  assert.ok(parents.length > 0, "there is a parent cgroup");
  const child = spawn("sleep", ["1000"], { stdio: "ignore" });
  const ended = new Promise((done) => child.once("exit", done));
  const table = `cloche_${engine.bridge}`;
  try {
    for (const path of [...cgroups(lost), ...cgroups(foreign)]) mkdirSync(path);
    for (const path of cgroups(lost).filter((it) => !it.includes("/cpuset/")))
      writeFileSync(join(path, "cgroup.procs"), `${child.pid}`);
    const veth = `${engine.bridge}v`;
    await command("ip", ["link", "add", veth, "type", "veth", "peer", "name", `${engine.bridge}w`]);
    await command("ip", ["link", "set", veth, "master", engine.bridge]);
    // The engine itself restores its rules when it next looks; the repair does so at once.
    await command("nft", ["add", "element", "inet", table, "publish4_any", "{ tcp . 9 : 172.31.255.254 . 9 }"]);

    const found = await check("--quiet");
    assert.equal(found.code, 1);
    for (const words of [`containers/${lost}`, veth, ...cgroups(lost)]) {
      assert.match(found.stdout, new RegExp(`orphan .*${words.replaceAll(".", "\\.")}`));
    }
    assert.match(found.stdout, new RegExp(`unknown .*${foreign}`));

    const repaired = await check("--repair");
    assert.equal(repaired.code, 0, repaired.stdout);
    await ended;
    assert.ok(cgroups(foreign).every(existsSync), "the other engine's cgroup is gone");
    assert.ok(!cgroups(lost).some(existsSync));
    assert.notEqual((await command("ip", ["link", "show", veth])).code, 0);
    assert.equal((await command("ip", ["link", "show", engine.bridge])).code, 0);
    assert.doesNotMatch((await command("nft", ["list", "table", "inet", table])).stdout, /172\.31\.255\.254/);
  } finally {
    child.kill("SIGKILL");
    await until(() => child.exitCode !== null || child.signalCode !== null, { what: "the process has ended" });
    for (const path of [...cgroups(lost), ...cgroups(foreign)]) if (existsSync(path)) rmdirSync(path);
    await command("ip", ["link", "del", `${engine.bridge}v`]);
  }
  assert.equal(await engine.ok("exec", "web", "echo", "unharmed"), "unharmed");
  await assertNothingLeftOver(engine);
});

test("the link that was made for a network is the network's; another engine's is left alone", async (t) => {
  const made = await command("ip", ["link", "add", "clmv0", "type", "dummy"]);
  const kind = made.code === 0 ? "dummy" : "ifb";
  if (kind === "dummy") await command("ip", ["link", "del", "clmv0"]);
  const foreign = `dm-${randomBytes(6).toString("hex")}`;
  const network = await engine.docker("network", "create", "-d", "macvlan", "--subnet", "192.0.2.0/24", "lone");
  if (network.code !== 0) return t.skip(`no macvlan network can be made here: ${network.stderr}`);
  try {
    await command("ip", ["link", "add", "name", foreign, "type", kind]);
    const link = `dm-${network.stdout.slice(0, 12)}`;
    const found = await findings();
    const of = (name: string) => found.find(({ Kind, Name }) => Kind === "interface" && Name === name);
    assert.deepEqual(of(link)?.Owner?.Name, "lone");
    assert.equal(of(foreign)?.State, "unknown");
    assert.equal((await check("--repair")).code, 0);
    assert.equal((await command("ip", ["link", "show", foreign])).code, 0);
  } finally {
    await command("ip", ["link", "del", foreign]);
    await engine.ok("network", "rm", "lone");
  }
});

test("a guard against borrowed addresses goes with the engine that it was made for, also when that was killed", async (t) => {
  const table = `cloche_${engine.bridge}`;
  await engine.crash();
  const made = await command("nft", ["add", "table", "bridge", table]);
  await engine.restart();
  if (made.code !== 0) return t.skip(`this kernel's firewall knows no bridges: ${made.stderr}`);
  assert.notEqual((await command("nft", ["list", "table", "bridge", table])).code, 0);
  assert.equal((await check()).code, 0);
});
