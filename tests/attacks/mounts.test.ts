/** Images and volumes that try to turn a mount, a mask or a new file towards the host. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseMountInfo } from "../../src/kernel/proc-mountinfo.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { call, type Entry, hostileImage, remove, start } from "./scene.ts";

let engine: TestEngine;
/** A directory of the host that no container has been given. */
let outside: string;

before(async () => {
  engine = await startEngine();
  outside = join(engine.directory, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "canary"), "the host's\n");
  await hostileImage(engine, "hostile");
});
after(() => engine?.stop());

const link = (name: string, linkname: string): Entry => ({ name, linkname, type: "symlink", mode: 0o777 });

function untouched(): void {
  assert.deepEqual(readdirSync(outside), ["canary"]);
  assert.equal(readFileSync(join(outside, "canary"), "utf8"), "the host's\n");
}

/** A container that exchanges data/real and data/link in the volume "shared" for ever; the link leads to `target`. */
async function swapping(target: string): Promise<void> {
  await engine.ok("volume", "create", "shared");
  const script = `mkdir -p /s/real; ln -sfn ${target} /s/link; exec attacker swap /s/real /s/link`;
  await engine.ok("run", "-d", "--name", "swapper", "-c", "32", "-v", "shared:/s", "hostile", "sh", "-c", script);
}

async function endSwapping(): Promise<void> {
  await engine.docker("rm", "-f", "swapper");
  await engine.docker("volume", "rm", "-f", "shared");
}

const TRIES = 24;
/** On a slow machine the link may be met each time: then on, until a container has started. */
const MOST_TRIES = 10 * TRIES;

test("attack 3: a mount target that is swapped for a link never leads a mount out of the root", async (t) => {
  t.after(endSwapping);
  await swapping(outside);
  await engine.ok("run", "--rm", "-v", "secret:/x", "hostile", "touch", "/x/secret");
  let started = 0;
  for (let i = 0; i < TRIES || (started === 0 && i < MOST_TRIES); i++) {
    const { id, status } = await start(engine, {
      Image: "hostile",
      Cmd: ["sleep", "100"],
      HostConfig: { NetworkMode: "none", Binds: ["shared:/s", "secret:/s/real"] },
    });
    if (status === 204) {
      started++;
      const { State } = JSON.parse((await call(engine, "GET", `/containers/${id}/json`)).text);
      const mounts = parseMountInfo(readFileSync(`/proc/${State.Pid}/mountinfo`, "utf8"));
      // Whatever place it got: what is mounted is the volume, and that the host's own tree has no way in.
      const binds = mounts
        .filter(({ root }) => root.startsWith(engine.directory) || root === "/")
        .map(({ root }) => root);
      assert.deepEqual(
        binds.filter((root) => root.includes("outside")),
        [],
      );
      assert.equal(existsSync(`/proc/${State.Pid}/root${outside}/canary`), false);
    }
    await remove(engine, id);
    untouched();
  }
  assert.ok(started > 0, "not one container has started");
});

test("attack 3: a volume's subpath that is swapped for a link stays in the volume", async (t) => {
  t.after(endSwapping);
  await swapping(outside);
  let started = 0;
  for (let i = 0; i < TRIES / 2 || (started === 0 && i < MOST_TRIES); i++) {
    const { id, status } = await start(engine, {
      Image: "hostile",
      Cmd: ["sleep", "100"],
      HostConfig: {
        NetworkMode: "none",
        Mounts: [{ Type: "volume", Source: "shared", Target: "/in", VolumeOptions: { Subpath: "real" } }],
      },
    });
    if (status === 204) {
      started++;
      const { State } = JSON.parse((await call(engine, "GET", `/containers/${id}/json`)).text);
      assert.deepEqual(readdirSync(`/proc/${State.Pid}/root/in`), []);
    }
    await remove(engine, id);
  }
  assert.ok(started > 0, "not one container has started");
  untouched();
});

test("attack 8: mount points in a shared volume are not made outside of it while it is swapped", async (t) => {
  const file = join(engine.directory, "file");
  writeFileSync(file, "bound\n");
  t.after(async () => {
    await endSwapping();
    rmSync(file);
  });
  await swapping(outside);
  for (let i = 0; i < TRIES; i++) {
    const { id } = await start(engine, {
      Image: "hostile",
      Cmd: ["true"],
      WorkingDir: "/s/real/place/dir",
      HostConfig: {
        NetworkMode: "none",
        Binds: ["shared:/s", `${file}:/s/real/a/b/file`],
        Tmpfs: { "/s/real/t/t": "" },
      },
    });
    await remove(engine, id);
    untouched();
  }
});

test("attack 8: a volume that is filled from an image while another container swaps its directories stays inside", async (t) => {
  t.after(endSwapping);
  const entries: Entry[] = [{ name: "full/", type: "directory", mode: 0o755 }];
  for (let i = 0; i < 300; i++) {
    entries.push({ name: `full/d${i}/`, type: "directory", mode: 0o755 });
    entries.push({ name: `full/d${i}/planted`, text: "planted\n" });
  }
  await hostileImage(engine, "full", entries);
  await engine.ok("volume", "create", "shared");
  // Each directory that comes up is replaced at once by a link to the host's.
  const script = `cd /s; while true; do for d in d*; do [ -d $d ] && [ ! -L $d ] && mv $d .$d && ln -s ${outside} $d; done; done 2>/dev/null`;
  for (let i = 0; i < 2; i++) {
    await engine.ok("run", "-d", "--name", "swapper", "-c", "32", "-v", "shared:/s", "hostile", "sh", "-c", script);
    const { id } = await start(engine, {
      Image: "full",
      Cmd: ["true"],
      HostConfig: { NetworkMode: "none", Binds: ["shared:/full"] },
    });
    await remove(engine, id);
    untouched();
    await endSwapping();
    await engine.ok("volume", "create", "shared");
  }
});

test("attack 4: a /dev/null that leads elsewhere masks nothing: the start fails", async (t) => {
  t.after(() => engine.docker("volume", "rm", "-f", "dev"));
  const make = "cp -a /dev/* /d/ 2>/dev/null; mkdir -p /d/pts /d/shm /d/mqueue; ln -sfn /proc/sysrq-trigger /d/null";
  await engine.ok("run", "--rm", "-v", "dev:/d", "hostile", "sh", "-c", make);
  const { id, status, text } = await start(engine, {
    Image: "hostile",
    Cmd: ["true"],
    HostConfig: { Binds: ["dev:/dev"] },
  });
  await remove(engine, id);
  assert.notEqual(status, 204);
  assert.match(text, /mask \/proc/);
});

test("attack 4: with /dev/null replaced in the image the masks are the kernel's null device", async () => {
  await hostileImage(engine, "badnull", [link("dev/null", "/proc/sysrq-trigger")]);
  const script =
    "for f in kcore keys timer_list interrupts; do stat -c '%t:%T' /proc/$f; done; cat /proc/kcore; echo b > /proc/sysrq-trigger";
  const { stdout, code } = await engine.docker("run", "--rm", "badnull", "sh", "-c", script);
  assert.match(stdout, /^(1:3\n){2,}$/);
  assert.notEqual(code, 0);
});

test("attack 5: /dev/console and the terminal cannot be led to another file", async (t) => {
  t.after(() => engine.docker("volume", "rm", "-f", "dev"));
  await hostileImage(engine, "badtty", [
    link("dev/console", "/proc/sysrq-trigger"),
    link("dev/pts", "/proc"),
    link("dev/ptmx", "/etc/passwd"),
  ]);
  const seen = await engine.ok(
    "run",
    "--rm",
    "-t",
    "badtty",
    "sh",
    "-c",
    "tty; stat -c %t:%T /dev/console; stat -f -c %T /dev/pts",
  );
  assert.deepEqual(seen.replaceAll("\r", "").split("\n"), ["/dev/pts/0", "88:0", "devpts"]);
  // A whole /dev of the attacker's: its terminal multiplexer is no device.
  const make =
    "cp -a /dev/null /d/; mkdir -p /d/pts /d/shm /d/mqueue; touch /d/pts/ptmx; ln -sfn /proc/sysrq-trigger /d/console";
  await engine.ok("run", "--rm", "-v", "dev:/d", "hostile", "sh", "-c", make);
  const { id, status, text } = await start(engine, {
    Image: "hostile",
    Cmd: ["tty"],
    Tty: true,
    HostConfig: { Binds: ["dev:/dev"] },
  });
  await remove(engine, id);
  assert.notEqual(status, 204, text);
});

test("attack 6: what stands in for /proc or /sys is refused", async (t) => {
  t.after(() => engine.docker("volume", "rm", "-f", "fake"));
  const refused = async (body: object) => {
    const { id, status, text } = await start(engine, { Image: "hostile", Cmd: ["true"], ...body });
    await remove(engine, id);
    assert.ok(status >= 400, `${JSON.stringify(body)} has started`);
    return text;
  };
  for (const target of ["/proc", "/proc/self/attr", "/proc/sys", "/x/../proc/1", "/proc/sys/kernel"])
    assert.match(await refused({ HostConfig: { Binds: [`fake:${target}`] } }), /inside \/proc/);
  assert.match(await refused({ HostConfig: { Tmpfs: { "/proc/self/attr": "" } } }), /inside \/proc/);
  await hostileImage(engine, "linkproc", [
    link("proc", "/vol/proc"),
    { name: "vol/proc/", type: "directory", mode: 0o755 },
  ]);
  assert.match(await refused({ Image: "linkproc", HostConfig: { Binds: ["fake:/vol"] } }), /proc/);
  await hostileImage(engine, "linksys", [
    link("sys", "/vol/sys"),
    { name: "vol/sys/", type: "directory", mode: 0o755 },
  ]);
  assert.match(await refused({ Image: "linksys" }), /sys/);
  await hostileImage(engine, "fileproc", [{ name: "proc", text: "" }]);
  await refused({ Image: "fileproc" });
});

test("attack 6: what docker lets stand in for single files of /proc still may", async () => {
  const file = join(engine.directory, "uptime");
  writeFileSync(file, "1.00 1.00\n");
  assert.equal(
    await engine.ok("run", "--rm", "-v", `${file}:/proc/uptime:ro`, "hostile", "cat", "/proc/uptime"),
    "1.00 1.00",
  );
  assert.match(await engine.ok("run", "--rm", "-v", "/proc:/proc", "hostile", "cat", "/proc/version"), /Linux/);
});

test("attack 7: an image whose /dev is a link makes no file on the host", async () => {
  const names = readdirSync("/etc").sort();
  for (const target of ["/etc", outside, "../../../../../../../../etc"]) {
    await hostileImage(engine, "linkdev", [link("dev", target)]);
    await engine.docker("run", "--rm", "-t", "linkdev", "true");
    await engine.docker("run", "--rm", "--device", "/dev/null:/dev/more/null", "linkdev", "true");
  }
  assert.deepEqual(readdirSync("/etc").sort(), names);
  untouched();
});

test("attack 13: top on a hostile image runs nothing of it", async (t) => {
  t.after(() => engine.docker("volume", "rm", "-f", "mark"));
  const evil = { mode: 0o755, text: "#!/bin/sh\ntouch /mark/ran\n" };
  await hostileImage(engine, "badps", [
    { name: "bin/ps", ...evil },
    { name: "bin/nsenter", ...evil },
    { name: "lib/x86_64-linux-gnu/libnss_files.so.2", ...evil },
  ]);
  await engine.ok("run", "-d", "--name", "top", "-v", "mark:/mark", "badps", "sleep", "1000");
  assert.match(await engine.ok("top", "top"), /sleep 1000/);
  assert.match(await engine.ok("top", "top", "-o", "pid,comm"), /sleep/);
  assert.equal(await engine.ok("exec", "top", "ls", "/mark"), "");
});

test("attack 13: the names of a container's processes do not break what top and logs show", async () => {
  const name = "a\x1b[31m\nb\t0 root";
  const { id } = await start(engine, {
    Image: "hostile",
    Cmd: [`/tmp/${name}`, "1000"],
    Entrypoint: ["sh", "-c", 'cp /bin/busybox "$0" && exec sleep "$1"'],
  });
  await until(async () => {
    const { Titles, Processes } = JSON.parse((await call(engine, "GET", `/containers/${id}/top`)).text);
    return Processes.length === 1 && Processes[0].length === Titles.length && Processes[0].at(-1) === "sleep 1000";
  });
  await remove(engine, id);
});
