/**
 * Containers that fight back while files are copied: links that change under the engine's hands (CVE-2018-15664), programs and
 * libraries laid out to be run (CVE-2019-14271, CVE-2026-41567), archives that want out; clients and engines that go.
 */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { tarOf } from "../support/tar.ts";
import { until } from "../support/until.ts";
import { archivePath, call, shell, sleeper, untar } from "./files-scene.ts";

let engine: TestEngine;
/** A folder of the host that no container has. */
let host: string;

before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  host = join(engine.directory, "host");
  mkdirSync(host);
  writeFileSync(join(host, "secret"), "HOST");
});
after(() => engine.stop());

test("while a directory and a link to the host's folder change places, no byte crosses", async () => {
  const swapping = await engine.ok(
    ...["run", "-d", "--network", "none", "-v", "swap:/swap", "busybox", "sh", "-c"],
    // Two names for one path, exchanged as fast as a shell can; the link is good on the host only.
    `mkdir -p /a ${host}; echo INSIDE >/a/secret; echo INSIDE >${host}/secret; ln -s ${host} /b; ln -s / /swap/up
     while :; do mv -T /a /t; mv -T /b /a; mv -T /a /b; mv -T /t /a; done`,
  );
  const body = tarOf([{ name: "written", content: "from the engine" }]);
  const answers = new Map<string, number>();
  for (let round = 0; round < 150; round++) {
    for (const path of ["/a/secret", "/a/", `/swap/up/a/../../..${host}/secret`]) {
      const { status, body: archive, message } = await call(engine, "GET", archivePath(swapping, path));
      answers.set(`GET ${status}`, (answers.get(`GET ${status}`) ?? 0) + 1);
      assert.ok([200, 404, 400].includes(status), message);
      assert.ok(!archive.includes("HOST"), "a byte of the host came out");
    }
    const { status } = await call(engine, "PUT", archivePath(swapping, "/a"), body);
    answers.set(`PUT ${status}`, (answers.get(`PUT ${status}`) ?? 0) + 1);
  }
  assert.deepEqual(readdirSync(host), ["secret"]);
  assert.equal(readFileSync(join(host, "secret"), "utf8"), "HOST");
  assert.ok((answers.get("GET 200") ?? 0) > 0 && (answers.get("PUT 200") ?? 0) > 0, JSON.stringify([...answers]));
  await engine.ok("rm", "-f", swapping);
  await engine.ok("volume", "rm", "swap");
});

test("links to the host's files are links into the container", async () => {
  for (const running of [true, false]) {
    const id = running ? await sleeper(engine) : await engine.ok("create", "--network", "none", "busybox");
    const links = tarOf([
      { name: "absolute", type: "symlink", link: host },
      { name: "relative", type: "symlink", link: `../../../../../../../..${host}` },
      { name: "proc", type: "symlink", link: "/proc/1/root" },
    ]);
    assert.equal((await call(engine, "PUT", archivePath(id, "/tmp"), links)).status, 200);
    for (const path of ["absolute/secret", "relative/secret", `proc${host}/secret`]) {
      assert.notEqual((await call(engine, "GET", archivePath(id, `/tmp/${path}`))).status, 200, path);
    }
    for (const name of ["absolute/x", "relative/x"]) {
      await call(engine, "PUT", archivePath(id, "/tmp"), tarOf([{ name, content: "x" }]));
    }
    await call(engine, "PUT", archivePath(id, "/tmp/absolute"), tarOf([{ name: "y", content: "x" }]));
    assert.deepEqual(readdirSync(host), ["secret"]);
    await engine.ok("rm", "-f", id);
  }
});

test("an archive that wants out of its destination is refused or stays inside", async () => {
  const id = await sleeper(engine);
  const up = `../../../../../../../../../..${host}`;
  const archives = [
    [{ name: `${up}/evil`, content: "x" }],
    [{ name: "a", type: "hardlink", link: `${up}/secret` }],
    [
      { name: "b", type: "symlink", link: host },
      { name: "b/evil", content: "x" },
    ],
    [
      { name: "c", type: "symlink", link: host },
      { name: "d", type: "hardlink", link: "c/secret" },
    ],
    [{ name: "x/../../..", type: "dir", mode: 0o777 }],
  ] as const;
  for (const entries of archives) {
    const { status } = await call(engine, "PUT", archivePath(id, "/tmp"), tarOf([...entries]));
    assert.ok(status === 200 || status === 400 || status === 404, String(status));
  }
  const { body } = await call(engine, "GET", archivePath(id, "/tmp"));
  assert.ok(!body.includes("HOST"));
  assert.deepEqual(readdirSync(host), ["secret"]);
  await engine.ok("rm", "-f", id);
});

test("no program, interpreter or library of the container's is ever run", async () => {
  const id = await sleeper(engine);
  const evil = "#!/bin/busybox sh\\necho $0 >>/executed\\n";
  await shell(
    engine,
    id,
    `for p in tar xz unxz bzip2 gzip gunzip unpigz zstd cp cat sh id getent; do for d in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin; do
       mkdir -p $d; printf '${evil}' >$d/$p; chmod 755 $d/$p; done; done
     for l in lib lib64 lib/x86_64-linux-gnu usr/lib/x86_64-linux-gnu; do mkdir -p /$l; for n in libnss_files.so.2 libc.so.6 ld-linux-x86-64.so.2; do
       printf '${evil}' >/$l/$n; chmod 755 /$l/$n; done; done
     echo /lib/libnss_files.so.2 >/etc/ld.so.preload; echo 'passwd: files evil' >/etc/nsswitch.conf`,
  );
  const plain = tarOf([{ name: "copied", content: "x", uid: 5 }]);
  const bodies = [plain, gzipSync(plain)];
  for (const program of ["bzip2", "xz"]) {
    const path = join(engine.directory, "plain.tar");
    writeFileSync(path, plain);
    await command("sh", ["-c", `${program} -c <${path} >${path}.${program}`]);
    bodies.push(readFileSync(`${path}.${program}`));
  }
  for (const body of bodies) {
    const { status, message } = await call(engine, "PUT", archivePath(id, "/tmp", { copyUIDGID: "1" }), body);
    assert.equal(status, 200, message);
  }
  for (const path of ["/", "/usr", "/etc/passwd"]) {
    assert.equal((await call(engine, "GET", archivePath(id, path))).status, 200);
  }
  await engine.ok("diff", id);
  await engine.ok("commit", id, "evil:1");
  assert.equal((await call(engine, "GET", `/containers/${id}/export`)).status, 200);
  await engine.ok("stop", "-t", "0", id);
  assert.equal((await call(engine, "PUT", archivePath(id, "/tmp"), plain)).status, 200);
  const entries = await untar((await call(engine, "GET", archivePath(id, "/"))).body);
  assert.ok(entries.has("/tmp/copied") && !entries.has("/executed"));
  await engine.ok("rm", "-f", id);
  await engine.ok("rmi", "evil:1");
});

test("a client that goes away ends the copy, and so does the engine's death", async () => {
  const id = await sleeper(engine, "-v", `${join(engine.directory, "big")}:/big`);
  await shell(engine, id, "dd if=/dev/zero of=/big/file bs=1M count=64 2>/dev/null");
  const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", id);
  const working = () => inMounts(readlinkSync(`/proc/${pid}/ns/mnt`)).filter((name) => name === "cloche:files").length;

  const get = request({ socketPath: engine.socket, path: archivePath(id, "/big"), agent: false });
  get.on("error", () => {});
  get.on("response", (response) => response.pause());
  get.end();
  await until(() => working() === 1, { what: "the copy is under way" });
  get.destroy();
  await until(() => working() === 0, { what: "the copy has ended with its client" });

  const put = request({ socketPath: engine.socket, method: "PUT", path: archivePath(id, "/tmp"), agent: false });
  put.on("error", () => {});
  put.write(tarOf([{ name: "half", content: Buffer.alloc(1 << 20) }]).subarray(0, 1 << 19));
  await until(() => working() === 1, { what: "the upload is under way" });
  put.destroy();
  await until(() => working() === 0, { what: "the upload has ended with its client" });

  const second = request({ socketPath: engine.socket, method: "PUT", path: archivePath(id, "/tmp"), agent: false });
  second.on("error", () => {});
  second.write(tarOf([{ name: "half", content: Buffer.alloc(1 << 20) }]).subarray(0, 1 << 19));
  await until(() => working() === 1, { what: "the second upload is under way" });
  await engine.crash();
  await until(() => working() === 0, { what: "the upload has ended with the engine" });
  await engine.restart();
  assert.equal(await shell(engine, id, "echo alive"), "alive");
  await engine.ok("rm", "-f", id);
});

test("a stopped container's copy leaves no mount and no process", async () => {
  const id = await engine.ok("create", "--network", "none", "-v", `${host}:/host`, "busybox");
  symlinkSync("/etc", join(host, "link"));
  await call(engine, "GET", archivePath(id, "/host"));
  await call(engine, "PUT", archivePath(id, "/host"), Buffer.from("no archive"));
  const mounts = readFileSync("/proc/self/mountinfo", "utf8");
  assert.ok(!mounts.includes(engine.directory), mounts);
  await engine.ok("start", id);
  await engine.ok("rm", "-f", id);
});

/** Names of the processes in a mount namespace. */
function inMounts(namespace: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (readlinkSync(`/proc/${pid}/ns/mnt`) !== namespace) return [];
        return [readFileSync(`/proc/${pid}/comm`, "utf8").trim()];
      } catch {
        return []; // it has just ended
      }
    });
}
