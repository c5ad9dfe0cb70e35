/** docker cp on a private engine: what goes in comes out, and what is refused is refused in docker's words. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
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
let running: string;

before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  running = await sleeper(engine);
});
after(() => engine.stop());

const long = `${"long-name-".repeat(20)}é`;

/** A folder of all kinds. */
function makeTree(name: string): string {
  const tree = join(engine.directory, name);
  mkdirSync(join(tree, "sub", long), { recursive: true });
  writeFileSync(join(tree, "sub", long, "deep"), "deep");
  writeFileSync(join(tree, "empty"), "");
  writeFileSync(join(tree, "script"), "#!/bin/sh\n");
  chownSync(join(tree, "script"), 1234, 3_000_000);
  chmodSync(join(tree, "script"), 0o4751);
  linkSync(join(tree, "script"), join(tree, "twin"));
  symlinkSync("sub/../script", join(tree, "link"));
  symlinkSync("/nowhere", join(tree, "dangling"));
  chmodSync(join(tree, "sub"), 0o1770);
  utimesSync(join(tree, "script"), 1_000_000_000, 1_000_000_000);
  utimesSync(join(tree, "sub"), 1_100_000_000, 1_100_000_000);
  return tree;
}

function assertSameTree(tree: string, copy: string): void {
  for (const path of ["sub", `sub/${long}`, `sub/${long}/deep`, "empty", "script", "twin"]) {
    const [a, b] = [lstatSync(join(tree, path)), lstatSync(join(copy, path))];
    const facts = ({ mode, size, mtimeMs, nlink }: typeof a) => [path, mode, size, Math.floor(mtimeMs / 1000), nlink];
    assert.deepEqual(facts(b), facts(a));
    if (a.isFile()) assert.deepEqual(readFileSync(join(copy, path)), readFileSync(join(tree, path)));
  }
  for (const path of ["link", "dangling"]) assert.equal(readlinkSync(join(copy, path)), readlinkSync(join(tree, path)));
}

for (const state of ["running", "created", "exited"] as const) {
  test(`a folder goes into a container that is ${state} and comes out the same`, async () => {
    const tree = makeTree(`tree-${state}`);
    const program = state === "exited" ? ["true"] : ["sleep", "1000000"];
    const made = await engine.ok("create", "--network", "none", "busybox", ...program);
    if (state !== "created") await engine.ok("start", made);
    if (state === "exited") await engine.ok("wait", made);
    await engine.ok("cp", "-a", tree, `${made}:/home/in`);
    const out = join(engine.directory, `out-${state}`);
    await engine.ok("cp", "-a", `${made}:/home/in`, out);
    assertSameTree(tree, out);
    const inside = await untar((await call(engine, "GET", archivePath(made, "/home/in/script"))).body);
    assert.deepEqual([inside.get("script")?.uid, inside.get("script")?.gid], [1234, 3_000_000]);
    // And our own client.
    const own = join(engine.directory, `own-${state}`);
    assert.equal((await engine.cloche("cp", tree, `${made}:/home/own`)).stderr, "");
    assert.equal((await engine.cloche("cp", "-a", `${made}:/home/own`, own)).stderr, "");
    assertSameTree(tree, own);
    await engine.ok("rm", "-f", made);
  });
}

test("64 MiB arrive as they are, in both directions", async () => {
  const bytes = randomBytes(64 << 20);
  const digest = createHash("sha256").update(bytes).digest("hex");
  const file = join(engine.directory, "big");
  writeFileSync(file, bytes);
  await engine.ok("cp", file, `${running}:/big`);
  assert.equal((await shell(engine, running, "sha256sum /big")).split(" ")[0], digest);
  await engine.ok("cp", `${running}:/big`, join(engine.directory, "big-again"));
  const again = readFileSync(join(engine.directory, "big-again"));
  assert.equal(createHash("sha256").update(again).digest("hex"), digest);
  await shell(engine, running, "rm /big");
});

test("a path is described in Go's words, links as links", async () => {
  await shell(
    engine,
    running,
    "mkdir -p /s/d; echo hi >/s/f; chmod 4755 /s/f; chmod 1777 /s/d; ln -s ../s/f /s/l; ln -s x /s/n; mkfifo /s/p",
  );
  const stat = async (path: string) => {
    const { status, stat } = await call(engine, "HEAD", archivePath(running, path));
    assert.equal(status, 200, path);
    return [stat?.name, stat?.mode, stat?.linkTarget];
  };
  assert.deepEqual(await stat("/s/f"), ["f", 2 ** 23 + 0o755, ""]);
  assert.deepEqual(await stat("s/d/"), ["d", 2 ** 31 + 2 ** 20 + 0o777, ""]);
  assert.deepEqual(await stat("/s/d/."), [".", 2 ** 31 + 2 ** 20 + 0o777, ""]);
  assert.deepEqual(await stat("/s/l"), ["l", 2 ** 27 + 0o777, "/s/f"]);
  assert.deepEqual(await stat("/s/n"), ["n", 2 ** 27 + 0o777, "/s/x"]);
  assert.deepEqual(await stat("/s/p"), ["p", 2 ** 25 + 0o644, ""]);
  assert.deepEqual(await stat("/../../.."), ["/", 2 ** 31 + 0o755, ""]);
  const { stat: file } = await call(engine, "HEAD", archivePath(running, "/s/f"));
  assert.equal(file?.size, 3);
  assert.match(String(file?.mtime), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
});

test("the archive's first entry is called as the path's last component", async () => {
  await shell(engine, running, "mkdir -p /n/sub; echo 1 >/n/sub/a; ln -s sub /n/link");
  const names = async (path: string) =>
    [...(await untar((await call(engine, "GET", archivePath(running, path))).body)).keys()].sort();
  assert.deepEqual(await names("/n/sub"), ["sub/", "sub/a"]);
  assert.deepEqual(await names("/n/sub/."), ["./", "./a"]);
  assert.deepEqual(await names("/n/sub/a"), ["a"]);
  assert.deepEqual(await names("/n/link"), ["link"]);
  assert.deepEqual(await names("/n/link/"), ["link/", "link/a"]);
  assert.ok((await names("/")).includes("/n/sub/a"));
});

test("-L follows a link, - streams an archive", async () => {
  await shell(engine, running, "mkdir -p /fl; echo content >/fl/real; ln -s real /fl/link");
  await engine.ok("cp", `${running}:/fl/link`, join(engine.directory, "as-link"));
  assert.equal(readlinkSync(join(engine.directory, "as-link")), "real");
  await engine.ok("cp", "-L", `${running}:/fl/link`, join(engine.directory, "as-file"));
  assert.equal(readFileSync(join(engine.directory, "as-file"), "utf8"), "content\n");
  const env = { DOCKER_HOST: engine.host };
  const input = tarOf([{ name: "streamed", content: "from stdin" }]);
  const put = await command("docker", ["cp", "-", `${running}:/fl`], { env, input });
  assert.equal(put.code, 0, put.stderr);
  const got = await command("sh", ["-c", `docker cp ${running}:/fl/streamed - | tar -xO`], { env });
  assert.equal(got.stdout, "from stdin");
});

test("paths lead through volumes, binds and a running container's tmpfs", async () => {
  const bind = join(engine.directory, "bind");
  mkdirSync(bind);
  const file = join(engine.directory, "for-mounts");
  writeFileSync(file, "mounted");
  const mounts = ["-v", "files-volume:/vol", "-v", `${bind}:/bind`];
  const up = await sleeper(engine, ...mounts, "--tmpfs", "/tmpfs");
  const down = await engine.ok("create", "--network", "none", ...mounts, "busybox");
  await engine.ok("cp", file, `${up}:/vol/from-running`);
  await engine.ok("cp", file, `${down}:/bind/from-stopped`);
  await engine.ok("cp", file, `${up}:/tmpfs/here`);
  assert.equal(readFileSync(join(engine.dataRoot, "volumes/files-volume/_data/from-running"), "utf8"), "mounted");
  assert.equal(readFileSync(join(bind, "from-stopped"), "utf8"), "mounted");
  assert.equal(await shell(engine, up, "cat /tmpfs/here"), "mounted");
  await engine.ok("cp", `${down}:/vol/from-running`, join(engine.directory, "through"));
  assert.equal(readFileSync(join(engine.directory, "through"), "utf8"), "mounted");
  await engine.ok("rm", "-f", up, down);
  await engine.ok("volume", "rm", "files-volume");
});

test("archives come compressed by whatever the host knows", async () => {
  const plain = tarOf([{ name: "packed", content: "same" }]);
  const packed: Record<string, Buffer> = { gzip: gzipSync(plain) };
  for (const program of ["bzip2", "xz", "zstd"]) {
    const path = join(engine.directory, `packed.${program}`);
    writeFileSync(`${path}.tar`, plain);
    const { code } = await command("sh", ["-c", `${program} -c <${path}.tar >${path}`]);
    if (code === 0) packed[program] = readFileSync(path);
  }
  for (const [program, body] of Object.entries(packed)) {
    await shell(engine, running, "rm -f /packed");
    assert.equal((await call(engine, "PUT", archivePath(running, "/"), body)).status, 200, program);
    assert.equal(await shell(engine, running, "cat /packed"), "same", program);
  }
});

test("copyUIDGID gives all to the container's user", async () => {
  const user = await sleeper(engine, "--user", "daemon");
  const body = tarOf([{ name: "owned", content: "x", uid: 4711 }]);
  const owner = () => engine.ok("exec", "-u", "0", user, "stat", "-c", "%u:%g", "/owned");
  await call(engine, "PUT", archivePath(user, "/"), body);
  assert.equal(await owner(), "4711:0");
  await call(engine, "PUT", archivePath(user, "/", { copyUIDGID: "true" }), body);
  assert.equal(await owner(), "1:1");
  await engine.ok("rm", "-f", user);
});

test("file capabilities and user attributes go both ways, overlay's and others do not", async () => {
  const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
  const body = tarOf([
    {
      name: "capable",
      content: "x",
      pax: {
        "SCHILY.xattr.security.capability": capability,
        "SCHILY.xattr.user.note": "mine",
        "SCHILY.xattr.trusted.overlay.opaque": "y",
      },
    },
  ]);
  assert.equal((await call(engine, "PUT", archivePath(running, "/root"), body)).status, 200);
  const entry = (await untar((await call(engine, "GET", archivePath(running, "/root/capable"))).body)).get("capable");
  assert.deepEqual([...(entry?.xattrs.keys() ?? [])].sort(), ["security.capability", "user.note"]);
  assert.deepEqual(entry?.xattrs.get("security.capability"), capability);
});

test("FIFOs and devices are copied as what they are, sockets left out, and none of them is opened", async () => {
  await shell(
    engine,
    running,
    "mkdir /odd; mkfifo /odd/fifo; mknod /odd/null c 1 3; (nc -l -U /odd/socket &) 2>/dev/null; true",
  );
  const entries = await untar((await call(engine, "GET", archivePath(running, "/odd"))).body);
  assert.equal(entries.get("odd/fifo")?.type, "fifo");
  assert.deepEqual([entries.get("odd/null")?.type, entries.get("odd/null")?.minor], ["char", 3]);
  assert.equal(entries.has("odd/socket"), false);
  const put = await call(
    engine,
    "PUT",
    archivePath(running, "/home"),
    (await call(engine, "GET", archivePath(running, "/odd"))).body,
  );
  assert.equal(put.status, 200, put.message);
  assert.equal(
    await shell(engine, running, "stat -c %F /home/odd/fifo /home/odd/null"),
    "fifo\ncharacter special file",
  );
});

test("what is there is replaced, directories merge, and kinds are kept where that is asked for", async () => {
  await shell(engine, running, "mkdir -p /k/dir/old; echo 1 >/k/file; ln -s /etc /k/link");
  const put = (entry: Parameters<typeof tarOf>[0][0], keep: boolean) =>
    call(engine, "PUT", archivePath(running, "/k", keep ? { noOverwriteDirNonDir: "true" } : {}), tarOf([entry]));
  const fileOverDir = await put({ name: "dir", content: "x" }, true);
  assert.equal(fileOverDir.status, 400);
  assert.equal(fileOverDir.message, 'cannot overwrite directory "/k/dir" with non-directory "/k"');
  const dirOverFile = await put({ name: "file", type: "dir" }, true);
  assert.equal(dirOverFile.message, 'cannot overwrite non-directory "/k/file" with directory "/k"');
  assert.equal((await put({ name: "dir/new", content: "x" }, true)).status, 200);
  assert.equal(await shell(engine, running, "ls /k/dir"), "new\nold");
  assert.equal((await put({ name: "link", content: "a file now" }, true)).status, 200);
  assert.equal(await shell(engine, running, "cat /k/link; test -L /k/link || echo file"), "a file nowfile");
  assert.equal((await put({ name: "dir", content: "x" }, false)).status, 200);
  assert.equal(await shell(engine, running, "stat -c %F /k/dir"), "regular file");
});

test("errors have docker's texts", async () => {
  await shell(engine, running, "mkdir -p /e; echo 1 >/e/f");
  const get = async (path: string, id = running) => {
    const { status, message } = await call(engine, "GET", archivePath(id, path));
    return [status, message];
  };
  const put = async (path: string, body: Buffer, id = running) => {
    const { status, message } = await call(engine, "PUT", archivePath(id, path), body);
    return [status, message];
  };
  const body = tarOf([{ name: "x", content: "x" }]);
  assert.deepEqual(await get("/no/where"), [404, `Could not find the file /no/where in container ${running}`]);
  assert.deepEqual(await put("/no", body), [404, `Could not find the file /no in container ${running}`]);
  assert.deepEqual(await get("/e", "nobody"), [404, "No such container: nobody"]);
  assert.deepEqual(await get(""), [400, "bad parameter: path cannot be empty"]);
  assert.deepEqual(await get("/e/f/"), [400, "lstat /e/f/: not a directory"]);
  assert.deepEqual(await put("/e/f", body), [400, "extraction point is not a directory"]);
  assert.deepEqual(await put("/e", randomBytes(3000)), [400, "archive/tar: invalid tar header"]);
  assert.deepEqual(await put("/e", body.subarray(0, 600)), [400, "unexpected EOF"]);
  assert.deepEqual(await put("/e", tarOf([{ name: "../up", content: "x" }])), [400, '"../up" is outside of "/e"']);
  assert.deepEqual(await put("/", tarOf([{ name: "etc/hosts", content: "x" }])), [
    400,
    "unlinkat /etc/hosts: device or resource busy",
  ]);
  const client = await engine.docker("cp", `${running}:/no`, join(engine.directory, "never"));
  assert.equal(client.code, 1);
  assert.match(client.stderr, /Could not find the file \/no in container/);
  assert.equal(existsSync(join(engine.directory, "never")), false);
});

test("a file that cannot be read is named, and nothing is made of it", async () => {
  const path = "/sys/class/net/lo/speed";
  const client = await engine.docker("cp", `${running}:${path}`, join(engine.directory, "speed"));
  assert.match(client.stderr, /read \/sys\/\S+\/lo\/speed: invalid argument/);
  assert.equal(client.code, 1);
  assert.equal(existsSync(join(engine.directory, "speed")), false);
});

test("an upload that fails on its way is answered, however much was to come", async () => {
  await shell(engine, running, "mkdir -p /fails/dir");
  const body = tarOf([
    { name: "dir", content: "x" },
    { name: "rest", content: Buffer.alloc(40 << 20) },
  ]);
  const { status, message } = await call(
    engine,
    "PUT",
    archivePath(running, "/fails", { noOverwriteDirNonDir: "1" }),
    body,
  );
  assert.deepEqual([status, message], [400, 'cannot overwrite directory "/fails/dir" with non-directory "/fails"']);
  const missing = await call(engine, "PUT", archivePath(running, "/fails/none"), body);
  assert.equal(missing.status, 404);
  assert.equal(await shell(engine, running, "ls /fails"), "dir");
});

test("what is read-only to the container stays as it is", async () => {
  const options = ["--read-only", "-v", `${engine.directory}:/ro:ro`, "-v", "ro-volume:/rw"];
  const body = tarOf([{ name: "x", content: "x" }]);
  const up = await sleeper(engine, ...options);
  const down = await engine.ok("create", "--network", "none", ...options, "busybox");
  for (const id of [up, down]) {
    const put = async (path: string) => {
      const { status, message } = await call(engine, "PUT", archivePath(id, path), body);
      return [status, message];
    };
    assert.deepEqual(await put("/tmp"), [403, "container rootfs is marked read-only"]);
    assert.deepEqual(await put("/ro"), [403, "mounted volume is marked read-only"]);
    assert.deepEqual(await put("/rw"), [200, ""]);
  }
  assert.equal(existsSync(join(engine.directory, "x")), false);
  await engine.ok("rm", "-f", up, down);
  await engine.ok("volume", "rm", "ro-volume");
});

test("events tell of copies", async () => {
  await engine.ok("rename", running, "copied");
  const body = tarOf([{ name: "x", content: "x" }]);
  const since = String(Math.floor(Date.now() / 1000) - 1);
  await call(engine, "PUT", archivePath("copied", "/tmp"), body);
  await call(engine, "GET", archivePath("copied", "/tmp"));
  const options = ["--since", since, "--until", "0s", "--filter", "container=copied", "--format", "{{.Action}}"];
  // --until counts in whole seconds.
  const told = () => engine.ok("events", ...options);
  await until(async () => /extract-to-dir\narchive-path$/.test(await told()), { what: "both events are told" });
});
