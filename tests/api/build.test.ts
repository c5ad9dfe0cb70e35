/** Builds by the API: cache, ends, refusals; and contexts, images and archives that want to reach the host. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { projectRoot, startEngine, type TestEngine } from "../support/engine.ts";
import { tarOf } from "../support/tar.ts";
import { until } from "../support/until.ts";
import { build, fileIn } from "./build-scene.ts";
import { call } from "./files-scene.ts";

let engine: TestEngine;
/** A folder of the host that no image has. */
let host: string;

before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  host = join(engine.directory, "host");
  mkdirSync(host);
  writeFileSync(join(host, "secret"), "HOST");
});
after(async () => {
  // Nothing of any build is left that is nobody's.
  const { stdout } = await engine.cloche("system", "check");
  await engine.stop();
  assert.doesNotMatch(stdout, /^\w+ +orphan /m);
});

const untouched = () => {
  assert.deepEqual(readdirSync(host), ["secret"]);
  assert.equal(readFileSync(join(host, "secret"), "utf8"), "HOST");
};

test("the cache goes by files' names and what they hold, not by their time; and by the words of a command", async () => {
  const dockerfile = "FROM busybox\nCOPY a /\nRUN echo hello >/b\n";
  const first = await build(engine, dockerfile, [{ name: "a", content: "1" }]);
  assert.equal(first.error, "");
  const second = await build(
    engine,
    dockerfile,
    gzipSync(
      tarOf([
        { name: "Dockerfile", content: dockerfile },
        { name: "a", content: "1", pax: { mtime: "1234567890" } },
      ]),
    ),
  );
  assert.equal(second.id, first.id);
  assert.equal(second.text.match(/Using cache/g)?.length, 2);
  const other = await build(engine, dockerfile, [{ name: "a", content: "2" }]);
  assert.doesNotMatch(other.text, /Using cache/);
  const mode = await build(engine, dockerfile, [{ name: "a", content: "1", mode: 0o755 }]);
  assert.doesNotMatch(mode.text, /Using cache/);
  const name = await build(engine, dockerfile.replace("COPY a", "COPY b"), [{ name: "b", content: "1" }]);
  assert.doesNotMatch(name.text, /Using cache/);
  const none = await build(engine, dockerfile, [{ name: "a", content: "1" }], { query: { nocache: "1" } });
  assert.doesNotMatch(none.text, /Using cache/);

  await build(engine, 'FROM busybox\nRUN ["echo","a b"]\n');
  const apart = await build(engine, 'FROM busybox\nRUN ["echo","a","b"]\n');
  assert.doesNotMatch(apart.text, /Using cache/);
});

test("an archive of the context may be compressed by anything, or be no archive", async () => {
  const plain = await build(engine, "", Buffer.from("FROM busybox\n"));
  assert.equal(plain.status, 400);
  assert.match(plain.error, /unexpected EOF/);
  assert.match((await build(engine, "", Buffer.alloc(0))).error, /Cannot locate specified Dockerfile: Dockerfile/);
  const bomb = gzipSync(tarOf([{ name: "Dockerfile", content: "FROM busybox" }]).subarray(0, 700));
  assert.equal((await build(engine, "", bomb)).status, 400);
});

test("links of the context lead nowhere but into the context", async () => {
  const up = `../../../../../../../../../..${host}`;
  const files = [
    { name: "absolute", type: "symlink", link: join(host, "secret") },
    { name: "relative", type: "symlink", link: `${up}/secret` },
    { name: "folder", type: "symlink", link: host },
    { name: "round", type: "symlink", link: "round" },
  ] as const;
  for (const source of ["absolute", "relative", "folder", "folder/secret", `..${host}/secret`, `${up}/secret`]) {
    const { error, text } = await build(engine, `FROM busybox\nCOPY ${source} /x\n`, [...files]);
    assert.match(error, /COPY failed: (file not found in build context|forbidden path)/, source);
    assert.doesNotMatch(text, /HOST/);
  }
  assert.match((await build(engine, "FROM busybox\nCOPY round /x\n", [...files])).error, /too many links/);
  // As links they may be copied: in the image they are its own.
  const copied = await build(engine, "FROM busybox\nCOPY . /c/\nRUN ls -l /c; cat /c/absolute || true\n", [...files]);
  assert.equal(copied.error, "");
  assert.doesNotMatch(copied.text, /HOST/);
  for (const dockerfile of ["absolute", "folder/secret", `${up}/secret`]) {
    const { error } = await build(engine, "FROM busybox", [...files], { query: { dockerfile } });
    assert.match(error, /Cannot locate specified Dockerfile|forbidden path/, dockerfile);
  }
  untouched();
});

test("a context with names that lead out is refused; one through its own links stays a context", async () => {
  for (const name of ["../evil", "a/../../evil", `../../../../../../../../../..${host}/evil`]) {
    const { status, error } = await build(engine, "FROM busybox\nCOPY . /\n", [{ name, content: "x" }]);
    assert.deepEqual([status, /is outside of/.test(error)], [400, true], error);
  }
  const hard = await build(engine, "FROM busybox\nCOPY . /\n", [
    { name: "a", type: "hardlink", link: join(host, "secret") },
  ]);
  assert.match(hard.error, /hard link/);
  const through = await build(engine, "FROM busybox\nCOPY . /c/\nRUN cat /c/b/file\n", [
    { name: "b", type: "symlink", link: host },
    { name: "b/file", content: "in the context" },
  ]);
  assert.match(through.text, /in the context/);
  untouched();
});

test("links of an image lead a COPY, ADD or WORKDIR into the image only", async () => {
  const base = await build(
    engine,
    `FROM busybox\nRUN ln -s ${host} /out && ln -s / /top && ln -s /proc/1/root /proot && ln -s /loop /loop\n`,
    [],
    { query: { t: "links" } },
  );
  assert.equal(base.error, "");
  const files = [
    { name: "f", content: "x" },
    { name: "d/g", content: "y" },
    { name: "t.tar", content: tarOf([{ name: "../out/evil", content: "x" }]) },
    {
      name: "u.tar",
      content: tarOf([
        { name: "o", type: "symlink", link: host },
        { name: "o/evil", content: "x" },
        { name: "h", type: "hardlink", link: "o/secret" },
      ]),
    },
    { name: "v.tar", content: tarOf([{ name: "evil", content: "x" }]) },
  ];
  for (const line of [
    "COPY f /out/",
    "COPY d /out",
    "COPY d /out/new/dir/",
    `COPY f /proot${host}/evil`,
    `COPY f /top/..${host}/evil`,
    "COPY --from=links /out/secret /x",
    `COPY --from=links /proot${host}/secret /x`,
    "ADD v.tar /out/",
    "ADD t.tar /a/b/",
    "ADD u.tar /a/c/",
    "WORKDIR /out/work",
    "COPY f /loop/x",
  ]) {
    const { id } = await build(engine, `FROM links\n${line}\n`, files);
    if (id)
      assert.doesNotMatch(
        await engine.ok("run", "--rm", "--network", "none", id, "sh", "-c", "cat /x 2>&1 || :"),
        /HOST/,
      );
    untouched();
  }
});

test("a failed command's status is the build's; its container stays for a look unless all are to go", async () => {
  const count = async () => (await engine.ok("ps", "-aq")).split("\n").filter(Boolean).length;
  const failed = await build(engine, "FROM busybox\nRUN echo before; exit 42\nRUN echo never\n", [], {
    query: { forcerm: "1" },
  });
  assert.deepEqual([failed.status, failed.code], [200, 42]);
  assert.equal(failed.error, "The command '/bin/sh -c echo before; exit 42' returned a non-zero code: 42");
  assert.doesNotMatch(failed.text, /never/);
  assert.equal(await count(), 0);
  await build(engine, "FROM busybox\nRUN exit 43\n");
  assert.equal(await count(), 1);
  await engine.ok("container", "prune", "-f");
  const missing = await build(engine, 'FROM busybox\nRUN ["/nosuch"]\n', [], { query: { forcerm: "1" } });
  assert.match(missing.error, /no such file or directory/);
  assert.match((await build(engine, "FROM scratch\nRUN x\n")).error, /stat \/bin\/sh: no such file or directory/);
});

test("a client that goes ends its build: what runs for it is killed and removed", async () => {
  const gone = new AbortController();
  const building = build(engine, "FROM busybox\nRUN sleep 1000\n", [], { query: { t: "never" }, signal: gone.signal });
  building.catch(() => {});
  await until(async () => (await engine.ok("ps", "-q")) !== "");
  gone.abort();
  await assert.rejects(building);
  await until(async () => (await engine.ok("ps", "-aq")) === "", { what: "its container is gone" });
  assert.equal((await engine.docker("image", "inspect", "never")).code, 1);
});

test("a build is cancelled by its id", async () => {
  const building = build(engine, "FROM busybox\nRUN sleep 1001\n", [], { query: { buildid: "mine" } });
  await until(async () => (await engine.ok("ps", "-q")) !== "");
  assert.equal((await call(engine, "POST", "/build/cancel?id=other")).status, 200);
  assert.equal((await call(engine, "POST", "/build/cancel?id=mine")).status, 200);
  assert.match((await building).error, /Build cancelled/);
  await until(async () => (await engine.ok("ps", "-aq")) === "");
  assert.equal((await call(engine, "POST", "/build/cancel")).status, 400);
});

test("limits, networks and hosts are those of the containers of RUN", async () => {
  const script = "ls /sys/class/net; grep here /etc/hosts; df -m /dev/shm | tail -n 1; ulimit -n";
  const query = {
    ...{ networkmode: "none", memory: String(64 << 20), shmsize: String(4 << 20), extrahosts: "here:1.2.3.4" },
    ulimits: '[{"Name":"nofile","Soft":77,"Hard":78}]',
  };
  const { text, error } = await build(engine, `FROM busybox\nRUN ${script}\n`, [], { query });
  assert.equal(error, "");
  assert.doesNotMatch(text, /eth0/);
  assert.match(text, /1\.2\.3\.4\s+here/);
  assert.match(text, /shm +4 /);
  assert.match(text, /^77$/m);
  assert.match((await build(engine, "FROM busybox\nRUN x\n", [], { query: { memory: "1" } })).error, /memory limit/i);
});

test("quiet: the id alone, or what led to the failure", async () => {
  const good = await build(engine, "FROM busybox\nRUN echo hidden\n", [], { query: { q: "1" } });
  assert.match(good.text, /^sha256:[0-9a-f]{64}\n$/);
  const bad = await build(engine, "FROM busybox\nRUN echo shown; exit 1\n", [], { query: { q: "1", forcerm: "1" } });
  assert.match(bad.text, /Step 1\/2[\s\S]*shown/);
  assert.equal(bad.code, 1);
});

test("cloche build takes BuildKit's Dockerfiles, and docker's classic ones alone with DOCKER_BUILDKIT=0", async () => {
  const directory = join(engine.directory, "own-cli");
  mkdirSync(directory);
  writeFileSync(
    join(directory, "Dockerfile"),
    "FROM busybox AS unneeded\nRUN exit 1\nFROM busybox\nRUN --mount=type=tmpfs,target=/t <<EOF\necho here >/t/a\ncat /t/a >/a\nEOF\n",
  );
  const built = await engine.cloche("build", "-t", "own-cli", directory);
  assert.equal(built.code, 0, built.stderr);
  assert.match(built.stdout, /^Step 2\/2 : RUN --mount[\s\S]*Successfully tagged own-cli:latest$/m);
  assert.equal(await fileIn(engine, "own-cli", "/a"), "here");
  const classic = await command(join(projectRoot, "cloche"), ["-H", engine.host, "build", directory], {
    env: { DOCKER_BUILDKIT: "0" },
  });
  assert.notEqual(classic.code, 0);
  assert.match(classic.stderr, /BuildKit/);
});

test("what is not supported is refused with the way out", async () => {
  const refusals: [Record<string, string>, number, RegExp][] = [
    [{ version: "2" }, 501, /DOCKER_BUILDKIT=0/],
    [{ session: "x" }, 501, /DOCKER_BUILDKIT=0/],
    [{ remote: "https://example.org/x.git" }, 501, /by URL is not supported/],
    [{ squash: "1" }, 400, /squash/],
    [{ t: "UPPER" }, 400, /must be lowercase/],
    [{ buildargs: "[1]" }, 400, /error reading build args/],
    [{ target: "nosuch" }, 400, /failed to reach build target nosuch/],
    [{ memory: "x" }, 400, /invalid syntax/],
  ];
  for (const [query, status, expected] of refusals) {
    const answer = await build(engine, "FROM busybox\n", [], { query });
    assert.equal(answer.status, status, answer.error);
    assert.match(answer.error, expected);
  }
  const remote = await build(engine, "FROM registry.example.org/nothing\n");
  assert.match(remote.error, /refused: this engine was started with --registry-loopback-only/);
});

test("ADD fetches from loopback, and from nowhere else where the engine must not", async (t) => {
  const server = createServer((request, response) => {
    if (request.url === "/moved") return void response.writeHead(302, { Location: "http://192.0.2.1/x" }).end();
    if (request.url !== "/dir/file.txt?q=1") return void response.writeHead(404).end();
    response.writeHead(200, { "Last-Modified": "Sat, 01 Jan 2022 00:00:00 GMT" }).end("fetched");
  });
  t.after(() => server.close());
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const good = await build(engine, `FROM busybox\nADD ${base}/dir/file.txt?q=1 /d/\nRUN stat -c "%a %Y" /d/file.txt\n`);
  assert.equal(good.error, "");
  assert.match(good.text, /^600 1640995200$/m);
  assert.equal(await fileIn(engine, good.id, "/d/file.txt"), "fetched");
  assert.match(
    (await build(engine, `FROM busybox\nADD ${base}/no /x\n`)).error,
    /ADD failed: failed to GET .* with status 404/,
  );
  for (const url of ["http://192.0.2.1/x", `${base}/moved`])
    assert.match((await build(engine, `FROM busybox\nADD ${url} /x\n`)).error, /connection to 192.0.2.1 refused/);
});

test("a build's own image names are given at its end only; images of its steps are parents, hidden from the list", async () => {
  await build(engine, "FROM busybox\nLABEL n=1\nLABEL n=2\n", [], { query: { t: "steps" } });
  const history = await engine.ok("history", "-q", "--no-trunc", "steps");
  assert.equal(history.split("\n").filter((id) => id.startsWith("sha256:")).length, 3);
  const [, parent = ""] = history.split("\n");
  assert.doesNotMatch(await engine.ok("images", "-q", "--no-trunc"), new RegExp(parent));
  assert.match(await engine.ok("images", "-aq", "--no-trunc"), new RegExp(parent));
  await engine.ok("rmi", "steps");
  assert.equal((await engine.docker("image", "inspect", parent)).code, 1);
  const failed = await build(engine, "FROM busybox\nRUN exit 1\n", [], { query: { t: "failed", forcerm: "1" } });
  assert.equal(failed.id, "");
  assert.equal((await engine.docker("image", "inspect", "failed")).code, 1);
});

test("an engine that dies in the middle of a build leaves nothing that its successor does not clear", async () => {
  const building = build(engine, "FROM busybox\nCOPY . /x\nRUN sleep 1002\n", [
    { name: "big", content: Buffer.alloc(1 << 20) },
  ]);
  building.catch(() => {});
  await until(async () => (await engine.ok("ps", "-q")) !== "");
  await engine.crash();
  await assert.rejects(building);
  await engine.restart();
  await engine.ok("rm", "-f", ...(await engine.ok("ps", "-aq")).split("\n"));
  assert.deepEqual(existsSync(join(engine.dataRoot, "tmp")) ? readdirSync(join(engine.dataRoot, "tmp")) : [], []);
  assert.equal((await build(engine, "FROM busybox\nRUN true\n")).error, "");
});
