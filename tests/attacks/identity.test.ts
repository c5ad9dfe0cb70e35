/** Image configurations and account files that try to make a process more than it should be. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { busyboxTar } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { attackerProgram, type Entry, hostileImage, run } from "./scene.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await hostileImage(engine, "hostile");
});
after(() => engine?.stop());

const link = (name: string, linkname: string): Entry => ({ name, linkname, type: "symlink", mode: 0o777 });
const status = "grep -E '^(Groups|CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status";

/** Lines of /proc/self/status by name. */
async function statusOf(...options: string[]): Promise<Record<string, string>> {
  const text = await engine.ok("run", "--rm", ...options, "sh", "-c", status);
  return Object.fromEntries(text.split("\n").map((line) => [line.split(":")[0], line.split(":")[1]?.trim() ?? ""]));
}

test("attack 17: no number makes a user root who asked not to be", async () => {
  const names = [
    "4294967296",
    "4294967295",
    "2147483648",
    "-1",
    "+0",
    "0000",
    "00",
    "18446744073709551616",
    "1e3",
    "0x0",
  ];
  const passwd = names.map((name) => `${name}:x:0:0::/:/bin/sh\n`).join("");
  const accounts: Entry[] = [
    { name: "etc/passwd", text: `root:x:0:0:root:/root:/bin/sh\n${passwd}` },
    { name: "etc/group", text: names.map((name) => `${name}:x:0:\n`).join("") },
  ];
  await hostileImage(engine, "numbers", accounts);
  const roots: string[] = [];
  for (const name of names.filter((name) => !/^(1e3|0x0)$/.test(name))) {
    for (const user of [name, `1000:${name}`, `${name}:1000`]) {
      const { code, output } = await run(engine, { Image: "numbers", User: user, Cmd: ["attacker", "ids"] });
      if (code === 0) roots.push(`${user}: ${output}`);
    }
  }
  assert.deepEqual(roots, []);
  // Names that no program takes for numbers are names.
  assert.equal(await engine.ok("run", "--rm", "-u", "1e3", "numbers", "attacker", "ids"), "0 0 0 0 0 0");
});

test("attack 17: a USER of the image is held to the same rules, and so is exec", async () => {
  await hostileImage(
    engine,
    "user",
    [{ name: "etc/passwd", text: "4294967296:x:0:0::/:/bin/sh\nbig:x:4294967296:0::/:\nneg:x:-1:0::/:\n" }],
    ["USER 4294967296"],
  );
  assert.notEqual((await engine.docker("run", "--rm", "user", "attacker", "ids")).code, 0);
  await engine.ok("run", "-d", "--name", "user", "-u", "1000", "user", "sleep", "1000");
  for (const user of ["4294967296", "big", "neg", "0000", "1000:4294967296", "nobody-there"]) {
    const { code, stdout } = await engine.docker("exec", "-u", user, "user", "attacker", "ids");
    assert.notEqual(code, 0, `${user}: ${stdout}`);
  }
  // What the container writes into its own /etc/passwd counts for it, by the same rules.
  await engine.ok("exec", "-u", "0", "user", "sh", "-c", "echo 1000:x:0:0::/:/bin/sh >> /etc/passwd");
  assert.match(await engine.ok("exec", "-u", "1000", "user", "attacker", "ids"), /^1000 1000 1000/);
});

test("attack 18: account files that are links or pipes lead to nothing of the host, and nothing hangs", async () => {
  const secret = join(engine.directory, "accounts");
  mkdirSync(secret);
  writeFileSync(join(secret, "passwd"), "victim:x:1234:1234::/:/bin/sh\n");
  writeFileSync(join(secret, "group"), "victims:x:1234:\n");
  const victim = ["run", "--rm", "-u", "victim", "links", "attacker", "ids"];
  const variants: Entry[][] = [
    [link("etc/passwd", join(secret, "passwd")), link("etc/group", join(secret, "group"))],
    [link("etc/passwd", `../../../../../../../../..${secret}/passwd`)],
    [link("etc", secret)],
    [link("etc/passwd", "/proc/self/root/etc/passwd")],
    [link("etc/passwd", "passwd")],
    [
      { name: "etc/passwd", type: "fifo", mode: 0o666 },
      { name: "etc/group", type: "fifo", mode: 0o666 },
    ],
    [{ name: "etc/passwd", type: "directory", mode: 0o755 }],
  ];
  for (const entries of variants) {
    await hostileImage(engine, "links", entries);
    const named = await engine.docker(...victim);
    assert.notEqual(named.code, 0, JSON.stringify(entries));
    assert.match(named.stderr, /unable to find user victim/);
    assert.equal(await engine.ok("run", "--rm", "-u", "7:8", "links", "attacker", "ids"), "7 7 7 8 8 8");
  }
});

test("attack 18: a huge or hostile /etc/passwd is read within bounds", async () => {
  const lines = "x:x:1:1::/:\n".repeat(300_000);
  await hostileImage(engine, "huge", [{ name: "etc/passwd", text: `${lines}late:x:0:0::/:\n` }]);
  const { code } = await engine.docker("run", "--rm", "-u", "1000", "huge", "true");
  assert.equal(code, 0);
  await hostileImage(engine, "odd", [
    {
      name: "etc/passwd",
      text: Buffer.concat([
        Buffer.from("a:b\n:::\n\0\0\n"),
        Buffer.alloc(70_000, 0xff),
        Buffer.from("\nme:x:12:13::/\n"),
      ]),
    },
  ]);
  assert.equal(await engine.ok("run", "--rm", "-u", "me", "odd", "attacker", "ids"), "12 12 12 13 13 13");
});

test("attack 18: hosts, hostname and resolv.conf of the image may be links or pipes: the host's stay as they are", async () => {
  const outside = join(engine.directory, "outside");
  mkdirSync(outside);
  const names = ["hosts", "hostname", "resolv.conf"];
  const kinds: ((name: string) => Entry)[] = [
    (name) => link(`etc/${name}`, `${outside}/${name}`),
    (name) => link(`etc/${name}`, `../../../../../../..${outside}/new/${name}`),
    (name) => ({ name: `etc/${name}`, type: "fifo", mode: 0o666 }),
    (name) => link(`etc/${name}`, `/proc/1/root/${name}`),
  ];
  for (const kind of kinds) {
    await hostileImage(engine, "etc", names.map(kind));
    await engine.docker("run", "--rm", "-h", "box", "etc", "sh", "-c", "echo x >> /etc/hosts; cat /etc/hostname");
    assert.deepEqual(readdirSync(outside), []);
  }
});

test("attack 19: volumes that the image asks for in odd places are confined or refused", async () => {
  const mounts = async (path: string) => {
    await hostileImage(engine, "volumes", [], [`VOLUME ${JSON.stringify([path])}`]);
    return run(engine, { Image: "volumes", Cmd: ["cut", "-d ", "-f5", "/proc/self/mountinfo"] });
  };
  for (const path of ["/", "/../../..", "/proc", "/proc/sys", "/proc/self/../1/attr", "relative"]) {
    const { code, output } = await mounts(path);
    assert.equal(code, 125, `VOLUME ${path} was taken: ${output}`);
  }
  const options = { env: { DOCKER_HOST: engine.host }, input: await busyboxTar() };
  const empty = await command("docker", ["import", "--change", 'VOLUME [""]', "-", "volumes"], options);
  assert.match(empty.stderr, /VOLUME specified can not be an empty string/);
  assert.match((await mounts("/../../../etc/x/../y")).output, /^\/etc\/y$/m);
  // As a text of -v it would bind what the image's author chose.
  for (const path of ["/etc:/stolen", "/:/host:rw", `${engine.directory}:/d`, "name:/x"]) {
    const { code, output } = await mounts(path);
    assert.doesNotMatch(output, /^\/(stolen|host|d|x)$/m);
    assert.ok(code === 125 || output.includes(`\n${path}\n`), `${path}: ${output}`);
  }
});

test("attack 20: a user keeps no group and no capability that was not given", async () => {
  assert.equal((await statusOf("-u", "1000:1000", "hostile")).Groups, "1000");
  assert.equal((await statusOf("-u", "daemon", "hostile")).Groups, "1 50");
  assert.equal((await statusOf("-u", "1000:1000", "--group-add", "7", "hostile")).Groups, "7 1000");
  const none = "0000000000000000";
  const user = await statusOf("-u", "1000:1000", "hostile");
  assert.deepEqual([user.CapInh, user.CapPrm, user.CapEff, user.CapAmb], [none, none, none, none]);
  const root = await statusOf("hostile");
  assert.deepEqual([root.CapInh, root.CapAmb, root.CapPrm, root.CapEff], [none, none, root.CapBnd, root.CapBnd]);
  assert.equal(root.CapBnd, "00000000a80425fb");
  await engine.ok("run", "-d", "--name", "caps", "--cap-add", "SYS_TIME", "hostile", "sleep", "1000");
  const exec = await engine.ok("exec", "-u", "1000:1000", "caps", "sh", "-c", status);
  assert.match(exec, /CapInh:\s0{16}\n(.*\n)?CapPrm:\s0{16}\nCapEff:\s0{16}\n/);
});

test("attack 24: with no-new-privileges a set-user-ID program gains nothing; without, nothing but its user", async () => {
  await hostileImage(engine, "setuid", [{ name: "bin/suid", mode: 0o6755, text: attackerProgram() }]);
  assert.equal(await engine.ok("run", "--rm", "-u", "1000:1000", "setuid", "suid", "ids"), "1000 0 0 1000 0 0");
  const options = ["--rm", "-u", "1000:1000", "--security-opt", "no-new-privileges"];
  assert.equal(await engine.ok("run", ...options, "setuid", "suid", "ids"), "1000 1000 1000 1000 1000 1000");
  await engine.ok("run", "-d", "--name", "nnp", ...options.slice(1), "setuid", "sleep", "1000");
  assert.equal(await engine.ok("exec", "nnp", "suid", "ids"), "1000 1000 1000 1000 1000 1000");
});

test("attack 19: hostile image configurations are refused or harmless", async () => {
  const attempt = async (changes: string[], body: object) => {
    await hostileImage(engine, "config", [], changes);
    return run(engine, { Image: "config", ...body });
  };
  const long = { Cmd: ["sh", "-c", "env | grep ^BIG= | wc -c"] };
  assert.equal((await attempt([`ENV BIG=${"x".repeat(100_000)}`], long)).output, "100005\n");
  const tooLong = await attempt([], { ...long, Env: [`BIG=${"x".repeat(200_000)}`] });
  assert.equal(tooLong.refused, 400);
  assert.match(tooLong.output, /argument list too long/);
  const loader = ["LD_PRELOAD=/evil.so", "LD_AUDIT=/evil.so", "GLIBC_TUNABLES=x", "MALLOC_CHECK_=3"];
  assert.equal((await attempt([`ENV ${loader.join(" ")}`], { Cmd: ["true"] })).code, 0);
  assert.equal((await attempt(["USER \u001b[31m:../../etc"], { Cmd: ["true"] })).code, 125);
  const directory = await attempt(["WORKDIR /a/../../../../../../etc/made/here"], { Cmd: ["pwd"] });
  assert.equal(directory.output, "/etc/made/here\n");
});
