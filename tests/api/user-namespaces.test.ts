/** An engine with --userns-remap: root inside is nobody outside, and sees its files as its own. */
import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";

const FIRST = 231_000;
const ids = mkdtempSync(join(tmpdir(), "cloche-ids-"));
let engine: TestEngine;
before(async () => {
  writeFileSync(join(ids, "sub"), `daemon:${FIRST}:65536\n`);
  // The host's own files stay: the engine sees ours in a mount namespace of its own.
  const cover = `mount --bind ${ids}/sub /etc/subuid && mount --bind ${ids}/sub /etc/subgid && exec "$@"`;
  const through = ["unshare", "--mount", "--propagation", "private", "sh", "-c", cover, "sh"];
  engine = await startEngine(["--userns-remap", "daemon"], through);
  await importBusybox(engine);
});
after(async () => {
  await engine?.stop();
  rmSync(ids, { recursive: true, force: true });
});

const run = (...args: string[]) => engine.docker("run", "--rm", "--network", "none", ...args);
const sh = (...args: string[]) =>
  engine.ok("run", "--rm", "--network", "none", ...args.slice(0, -1), "busybox", "sh", "-c", args.at(-1) ?? "");

test("root inside is another user of the host, with the image's files as its own", async () => {
  await engine.ok("run", "-d", "--name", "box", "busybox", "sleep", "1000");
  const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", "box");
  assert.match(readFileSync(`/proc/${pid}/status`, "utf8"), new RegExp(`^Uid:\\s+${FIRST}\\b`, "m"));
  assert.equal(await engine.ok("exec", "box", "id", "-u"), "0");
  assert.equal(await engine.ok("exec", "box", "stat", "-c", "%u:%g", "/bin/busybox", "/etc/hosts"), "0:0\n0:0");
  // Copied up, made anew, and given to a user who exists only inside.
  await engine.ok("exec", "box", "sh", "-c", "echo x >>/etc/passwd; echo y >/new; chown 5:6 /new; echo z >>/etc/hosts");
  assert.equal(await engine.ok("exec", "box", "stat", "-c", "%u:%g", "/etc/passwd", "/new"), "0:0\n5:6");
  assert.match(await engine.ok("diff", "box"), /^C \/etc\/passwd$/m);
  await engine.ok("rm", "-f", "box");
});

test("another user, a terminal, limits, a working network: all as without", async () => {
  assert.equal(
    await sh("-u", "1000:50", "id -u; echo said >/dev/stdout; touch /tmp/mine && stat -c %u:%g /tmp/mine"),
    "1000\nsaid\n1000:50",
  );
  assert.equal((await run("-t", "busybox", "tty")).stdout.trim(), "/dev/pts/0");
  assert.equal(
    await sh("--init", "--read-only", "--tmpfs", "/t", "--ulimit", "nofile=1000", "touch /t/f; ulimit -n"),
    "1000",
  );
  assert.equal(
    await engine.ok(
      "run",
      "--rm",
      "busybox",
      "sh",
      "-c",
      "ping -c 1 127.0.0.1 >/dev/null && ip link show eth0 | grep -c UP",
    ),
    "1",
  );
});

test("volumes belong to root inside, also to one without a namespace; the host's directories do not", async () => {
  const host = join(engine.directory, "of-the-host");
  mkdirSync(host);
  chmodSync(host, 0o755);
  const mounts = ["-v", "vol:/v", "-v", `${host}:/h`];
  assert.equal(
    await sh(...mounts, "touch /v/f; stat -c %u /v /v/f; touch /h/f 2>/dev/null || echo refused"),
    "0\n0\nrefused",
  );
  assert.equal(await sh("--userns", "host", "-v", "vol:/v", "stat -c %u /v/f"), "0");
  chmodSync(host, 0o777);
  await sh("-v", `${host}:/h`, "touch /h/f");
  assert.equal(statSync(join(host, "f")).uid, FIRST);
});

test("a mounted image's files belong to root inside", async () => {
  const mount = ["--mount", "type=image,source=busybox,target=/image"];
  assert.equal(
    await sh(...mount, "stat -c %u:%g /image/bin/busybox; touch /image/x 2>/dev/null || echo refused"),
    "0:0\nrefused",
  );
});

test("cp into a running container gives files to those inside, and reads theirs back, also in volumes", async () => {
  const from = join(engine.directory, "from");
  mkdirSync(join(from, "tree"), { recursive: true });
  writeFileSync(join(from, "tree/file"), "of the host");
  chownSync(join(from, "tree/file"), 5, 6);
  await engine.ok("run", "-d", "--name", "copied", "--network", "none", "-v", "cpvol:/v", "busybox", "sleep", "1000");
  const inside = (path: string) => engine.ok("exec", "copied", "stat", "-c", "%u:%g", path);
  for (const folder of ["/root", "/v"]) {
    // The numbers that the archive has mean users inside.
    await engine.ok("cp", join(from, "tree"), `copied:${folder}/tree`);
    assert.equal(await inside(`${folder}/tree/file`), "5:6");
    assert.equal(await inside(`${folder}/tree`), "0:0");
    await engine.ok("exec", "copied", "sh", "-c", `echo theirs >${folder}/new; chown 7:8 ${folder}/new`);
    // A tar header: the user's number from byte 108 on, the group's from 116 on; the content from 512 on.
    const back = (await engine.docker("cp", `copied:${folder}/new`, "-")).stdout;
    assert.deepEqual(
      [108, 116].map((at) => Number.parseInt(back.slice(at, at + 7), 8)),
      [7, 8],
    );
    assert.ok(back.slice(512).startsWith("theirs\n"));
  }
  // The process inside may do with them as it likes: they are of users in there, and nobody's outside.
  await engine.ok("exec", "copied", "sh", "-c", "echo more >>/root/tree/file");
  const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", "copied");
  assert.equal(statSync(`/proc/${pid}/root/root/tree/file`).uid, FIRST + 5);
  await engine.ok("rm", "-f", "copied");
});

test("--userns host is the host's; what needs it is refused without, in docker's words", async () => {
  assert.match(await sh("--userns", "host", "cat /proc/self/uid_map"), /^\s+0\s+0\s+4294967295$/);
  assert.match(await sh("cat /proc/self/uid_map"), new RegExp(`^\\s+0\\s+${FIRST}\\s+65536$`));
  for (const [option, reason] of [
    [
      "--privileged",
      "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode",
    ],
    ["--pid=host", "cannot share the host PID namespace when user namespaces are enabled"],
    ["--network=host", "cannot share the host's network namespace when user namespaces are enabled"],
  ] as const) {
    const refused = await engine.docker("run", "--rm", option, "busybox", "true");
    assert.ok(refused.stderr.includes(reason), refused.stderr);
    assert.equal((await engine.docker("run", "--rm", "--userns=host", option, "busybox", "true")).code, 0);
  }
});

test("a pod: containers that share a network, memory and PIDs are in one user namespace, and have their own files", async () => {
  await engine.ok(
    "run",
    "-d",
    "--name",
    "pause",
    "--ipc",
    "shareable",
    "busybox",
    "sh",
    "-c",
    "echo x >/dev/shm/of-pause; sleep 1000",
  );
  await engine.ok(
    "run",
    "-d",
    "--name",
    "httpd",
    "--network",
    "container:pause",
    "busybox",
    "httpd",
    "-f",
    "-p",
    "8080",
    "-h",
    "/etc",
  );
  const joined = ["--network", "container:pause", "--ipc", "container:pause", "--pid", "container:pause"];
  try {
    const namespaces = "for kind in user net ipc pid; do readlink /proc/self/ns/$kind; done";
    const script = `${namespaces}
      cat /dev/shm/of-pause; ls /sys/class/net; echo y >/etc/mine && stat -c %u /etc/mine; wget -qO- 127.0.0.1:8080/hostname; ps -o args`;
    const shown = await engine.ok("run", "--rm", "-v", "vol:/v", ...joined, "busybox", "sh", "-c", script);
    const own = await engine.ok("exec", "pause", "sh", "-c", namespaces);
    assert.equal(shown.split("\n").slice(0, 4).join("\n"), own);
    assert.match(shown, /\nx\neth0\nlo\n0\n/);
    assert.match(shown, new RegExp(`\n${await engine.ok("exec", "pause", "hostname")}\n`));
    assert.match(shown, /sleep 1000/);
    assert.doesNotMatch(shown, /cloche/);
    // What is executed in a container that was born there is there too, and has no more power over the host.
    await engine.ok("run", "-d", "--name", "third", ...joined, "busybox", "sleep", "1001");
    assert.equal(await engine.ok("exec", "third", "sh", "-c", namespaces), own);
    const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", "third");
    assert.match(readFileSync(`/proc/${pid}/status`, "utf8"), new RegExp(`^Uid:\\s+${FIRST}\\b`, "m"));
    writeFileSync(join(ids, "given"), "given\n");
    await engine.ok("cp", join(ids, "given"), "third:/etc/given");
    assert.equal(await engine.ok("exec", "third", "stat", "-c", "%u:%g", "/etc/given"), "0:0");
    await engine.ok("rm", "-f", "third");
    await engine.ok("run", "-d", "--name", "host", "--userns", "host", "busybox", "sleep", "1000");
    const refused = await engine.docker("run", "--rm", "--network", "container:host", "busybox", "true");
    assert.match(refused.stderr, /container host: it is in the host's user namespace \(use --userns host\)/);
    const failing = await engine.docker("run", "--rm", ...joined, "busybox", "nothing-of-the-kind");
    assert.equal(failing.code, 127, failing.stderr);
  } finally {
    await engine.docker("rm", "-f", "httpd", "pause", "host", "third");
  }
});

test("info tells, and the data root is the map's own", async () => {
  const [options, root] = (await engine.ok("info", "-f", "{{json .SecurityOptions}}\n{{.DockerRootDir}}")).split("\n");
  assert.match(options ?? "", /"name=userns"/);
  assert.equal(root, join(engine.dataRoot, `${FIRST}.${FIRST}`));
});
