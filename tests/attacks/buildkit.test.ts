/** Clients of BuildKit's protocol that do not keep to it, and Dockerfiles that mount what they should not. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Method } from "../../src/lib/grpc/server.ts";
import { MESSAGES } from "../../src/wire/buildkit/messages.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import {
  type Asked,
  BRIDGE,
  CONTROL,
  type File,
  fileSync,
  files,
  type Kit,
  newRef,
  openKit,
  openSession,
  packet,
  sessionHeaders,
  solve,
  statOf,
  upgrade,
} from "./buildkit-scene.ts";
import { alive, hostileImage } from "./scene.ts";

const MIB = 1024 * 1024;
const MARK = "what only the host has";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  writeFileSync(join(engine.directory, "mark"), MARK);
  await hostileImage(engine, "busybox", [
    { name: "escape", type: "symlink", linkname: `${"../".repeat(20)}${engine.directory}` },
    { name: "proc-link", type: "symlink", linkname: "/proc" },
  ]);
});
after(async () => {
  const faults = engine?.log().match(/^.*"msg":"(request failed|unexpected error)".*$/gm) ?? [];
  await engine?.stop();
  assert.deepEqual(faults, []);
});

const resident = () => Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${engine.pid}/status`, "utf8"))?.[1]) * 1024;
/** Connections of the engine, and files that have no name any more. */
const descriptors = () =>
  readdirSync(`/proc/${engine.pid}/fd`).filter((fd) => {
    try {
      return /^socket:|\/source-/.test(readlinkSync(`/proc/${engine.pid}/fd/${fd}`));
    } catch {
      return false; // closed meanwhile
    }
  }).length;

async function withKit<T>(work: (kit: Kit) => Promise<T>): Promise<T> {
  const kit = await openKit(engine);
  try {
    return await work(kit);
  } finally {
    kit.connection.destroy();
  }
}

/** Build once, with a session of its own. */
function build(methods: Record<string, Method>, asked: Asked = {}): Promise<Record<string, string>> {
  return withKit(async (kit) => {
    const session = await openSession(engine, methods);
    try {
      return await solve(kit, { Session: session.id, ...asked });
    } finally {
      session.connection.destroy();
    }
  });
}

const nothing = () => new Promise<void>(() => {});

test("attack 31: calls about builds that nobody asks for end, and leave nothing", async () => {
  const before = resident();
  await withKit(async (kit) => {
    for (let round = 0; round < 6; round++) {
      const end = new AbortController();
      const Ref = `${round}${"x".repeat(4 * MIB)}`;
      const asked = Array.from({ length: 30 }, (_, n) => {
        const message = MESSAGES.statusRequest.encode({ Ref: `${Ref}${n}` });
        return assert.rejects(kit.call(`${CONTROL}Status`, message, { signal: end.signal }));
      });
      setTimeout(() => end.abort(), 1000);
      await Promise.all(asked);
    }
  });
  await withKit(async (kit) => {
    const metadata = { "buildkit-controlapi-buildid": newRef() };
    const empty = Buffer.alloc(0);
    await Promise.all([
      assert.rejects(kit.call(`${CONTROL}Status`, MESSAGES.statusRequest.encode({ Ref: newRef() })), /no such job/),
      ...["Ping", "Return", "Solve"].map((name) =>
        assert.rejects(kit.call(`${BRIDGE}${name}`, empty, { metadata }), /no such job/),
      ),
      assert.rejects(kit.call(`${BRIDGE}Return`, empty), /buildkit-controlapi-buildid is missing/),
    ]);
  });
  assert.ok(resident() - before < 600 * MIB, `${(resident() - before) / MIB} MiB more`);
});

test("attack 31: a ref is one build's; what comes about it afterwards is too late", async () => {
  const Ref = newRef();
  await withKit(async (kit) => {
    const session = await openSession(engine, fileSync("FROM scratch\nCOPY a /\n", files([{ path: "a", text: "a" }])));
    const first = solve(kit, { Ref, Frontend: "", Session: session.id });
    const metadata = { "buildkit-controlapi-buildid": Ref };
    await kit.call(`${BRIDGE}Ping`, Buffer.alloc(0), { metadata });
    await assert.rejects(solve(kit, { Ref }), /exists/);
    const frontend = MESSAGES.bridgeSolveRequest.encode({ Frontend: "dockerfile.v0" });
    const { result } = MESSAGES.bridgeSolveResponse.decode(await kit.call(`${BRIDGE}Solve`, frontend, { metadata }));
    const status = MESSAGES.statusRequest.encode({ Ref });
    const readers = Promise.allSettled([1, 2].map(() => kit.call(`${CONTROL}Status`, status)));
    await kit.call(`${BRIDGE}Return`, MESSAGES.returnRequest.encode({ result }), { metadata });
    assert.deepEqual(await first, {});
    // Both end; one of them has had all that there was to tell.
    await readers;
    await assert.rejects(kit.call(`${BRIDGE}Solve`, frontend, { metadata }), /no such job/);
    await assert.rejects(solve(kit, { Ref: "x".repeat(MIB) }), /256 characters/);
    session.connection.destroy();
  });
});

test("attack 31: a session that answers nothing holds no build that is given up", async () => {
  const before = descriptors();
  const asked = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  const mute: Method = async function* ({ signal }) {
    signal.addEventListener("abort", () => told.resolve());
    asked.resolve();
    yield packet({ type: 0, stat: statOf({ path: "a" }) });
    await nothing();
  };
  const session = await openSession(engine, fileSync("FROM scratch\nCOPY a /\n", mute));
  await withKit(async (kit) => {
    const end = new AbortController();
    const solved = assert.rejects(solve(kit, { Session: session.id }, end.signal));
    await asked.promise;
    end.abort();
    await solved;
  });
  await told.promise;
  // One is the session's; the client's has ended without a word more.
  await until(() => descriptors() <= before + 1, { what: () => `${descriptors()} descriptors, ${before} before` });
  session.connection.destroy();
  await until(() => descriptors() <= before, { what: () => `${descriptors()} descriptors, ${before} before` });
});

test("attack 31: a session is one connection's, and its end is its builds' end", async () => {
  const context: Method = async function* () {
    session.connection.destroy();
    yield await nothing().then(() => Buffer.alloc(0));
  };
  const session = await openSession(engine, fileSync("FROM scratch\nCOPY a /\n", context));
  assert.match(String(await upgrade(engine, "/session", sessionHeaders(session.id, []))), /open already/);
  assert.match(String(await upgrade(engine, "/session")), /is missing/);
  await withKit((kit) => assert.rejects(solve(kit, { Session: session.id })));
  await withKit((kit) => assert.rejects(solve(kit, { Session: session.id }), /no active session/));
});

test("attack 31: what is no message, or too large a one, is its sender's error", async () => {
  await withKit(async (kit) => {
    await assert.rejects(kit.call(`${CONTROL}Solve`, Buffer.from("\xff\xff\xff")));
    await assert.rejects(kit.call("/a.B/Nothing", Buffer.alloc(0)), /unknown method/);
  });
  await withKit((kit) => assert.rejects(kit.call(`${CONTROL}Solve`, Buffer.alloc(17 * MIB))));
  // It is told of by name, and the connection lives on.
  const long = { [`${"x".repeat(2 * MIB)}`]: "" };
  await assert.rejects(build(fileSync("FROM scratch\n"), { FrontendAttrs: long }), /not supported by this engine: xxx/);
});

test("attack 31: clients that go at once leave no connection", async () => {
  const before = descriptors();
  for (let n = 0; n < 100; n++) {
    const head = ["Host: d", "Connection: Upgrade", "Upgrade: h2c", `X-Docker-Expose-Session-Uuid: gone${n}`].join(
      "\r\n",
    );
    const socket = connect(engine.socket);
    socket.on("error", () => {});
    socket.write(`POST /${n % 2 ? "grpc" : "session"} HTTP/1.1\r\n${head}\r\n\r\n`, () => socket.destroy());
  }
  await until(() => descriptors() <= before, { what: () => `${descriptors()} descriptors, ${before} before` });
});

test("attack 33: files that cannot be are refused, and others are looked up in the context only", async () => {
  const wrong: [File, RegExp][] = [
    [{ path: "../x", text: "x" }, /outside/],
    [{ path: "a\0b", text: "x" }, /cannot be/],
    [{ path: "a", linkname: "b\0", mode: 2 ** 27 }, /cannot be/],
    [{ path: "a", size: -5 }, /cannot be/],
    [{ path: "a", size: 2 ** 63 - 1 }, /cannot be/],
    [{ path: "a", mode: 2 ** 26 + 2 ** 21, devmajor: -1 }, /cannot be/],
    [{ path: "a", linkname: "../../etc/passwd" }, /hard link|outside/],
    [{ path: "a", linkname: "/etc/passwd" }, /hard link/],
    [{ path: "x".repeat(5000), text: "x" }, /too long/],
  ];
  for (const [file, expected] of wrong) {
    const built = build(fileSync("FROM busybox\nCOPY . /c\n", files([file, { path: "z", text: "z" }])));
    await assert.rejects(built, expected, JSON.stringify(file).slice(0, 100));
  }
  const odd: File[] = [
    { path: "/abs", text: "first" },
    { path: "abs", text: "second" },
    { path: "", text: "nothing" },
    { path: "sub", linkname: engine.directory, mode: 2 ** 27 },
    { path: "sub/in", text: "in" },
    { path: "old", text: "old", modTime: -1e18, mode: 0o644 + 2 ** 19 },
    { path: "late", text: "late", modTime: 5e18, uid: 2 ** 32 - 1 },
    { path: "out", linkname: `${"../".repeat(20)}${engine.directory}`, mode: 2 ** 27 },
  ];
  const attributes = { Exporter: "moby", ExporterAttrs: { name: "odd" } };
  await build(fileSync("FROM busybox\nCOPY abs old late sub /c/\n", files(odd)), attributes);
  const seen = await engine.ok(
    "run",
    "--rm",
    "--network=none",
    "odd",
    "sh",
    "-c",
    "cd /c; cat abs old late in; stat -c %Y old late",
  );
  assert.equal(seen, "secondoldlatein-1000000000\n5000000000");
  for (const instruction of ["COPY out/mark /", "RUN --mount=source=out,target=/x cat /x/mark"]) {
    await assert.rejects(build(fileSync(`FROM busybox\n${instruction}\n`, files(odd))), /not found/, instruction);
  }
});

test("attack 31: files that are not as they were said to be, and packets that nobody asked for", async () => {
  const context = (answer: Parameters<typeof files>[1]) =>
    build(
      fileSync(
        "FROM scratch\nCOPY a /\n",
        files(
          [
            { path: "a", text: "aaaa" },
            { path: "b", text: "b" },
          ],
          answer,
        ),
      ),
    );
  const data = (ID: number, text: string) => ({ type: 2, ID, data: Buffer.from(text) });
  await assert.rejects(
    context((_file, ID) => [data(ID, "aaaaa")]),
    /changed while/,
  );
  await assert.rejects(
    context((_file, ID) => [data(ID, "aa"), data(ID, "")]),
    /changed while/,
  );
  await assert.rejects(
    context(() => [data(7, "x")]),
    /was not asked for/,
  );
  await assert.rejects(
    context(() => [{ type: 0, stat: statOf({ path: "c" }) }]),
    /packet of type 0/,
  );
  await assert.rejects(
    context(() => [{ type: 3 }]),
    /packet of type 3/,
  );
  await assert.rejects(
    context(() => [{ type: 4, data: Buffer.alloc(MIB, "é") }]),
    /é{100}/,
  );
  const before = resident();
  const endless: Method = async function* () {
    for (let n = 0; ; n++) yield packet({ type: 0, stat: statOf({ path: `${n}${"x".repeat(MIB)}` }) });
  };
  await assert.rejects(build(fileSync("FROM scratch\nCOPY . /\n", endless)), /longer than/);
  assert.ok(resident() - before < 600 * MIB, `${(resident() - before) / MIB} MiB more`);
});

test("attack 31: odd values of a build's options", async () => {
  const wrong: [Record<string, string>, RegExp][] = [
    [{ "shm-size": "NaN" }, /./],
    [{ "shm-size": "1e400" }, /./],
    [{ "shm-size": "-1" }, /./],
    [{ ulimit: "nofile=x" }, /invalid ulimit/],
    [{ ulimit: "nosuch=1" }, /./],
    [{ ulimit: `nofile=${"9".repeat(30)}` }, /./],
    [{ "add-hosts": "a=b=c" }, /./],
    [{ "cgroup-parent": "../../x" }, /./],
    [{ "force-network-mode": "nosuch" }, /./],
    [{ constructor: "x" }, /not supported by this engine: constructor/],
    [JSON.parse('{"__proto__":"x"}'), /not supported by this engine: __proto__/],
    [{ platform: "../x" }, /./],
    [{ "context:busybox": "local:/etc", target: "" }, /directory/],
    [{ "context:busybox": "input:x" }, /--build-context/],
  ];
  for (const [attributes, expected] of wrong) {
    const asked = build(fileSync("FROM busybox\nRUN true\n"), { FrontendAttrs: attributes });
    await assert.rejects(asked, expected, JSON.stringify(attributes));
  }
  const odd = ["build-arg:__proto__", "build-arg:constructor", "label:__proto__", "label:constructor"];
  await build(fileSync("FROM busybox\nARG constructor\nRUN echo $constructor >/c\n"), {
    FrontendAttrs: Object.fromEntries(odd.map((name) => [name, "given"])),
    ...{ Exporter: "moby", ExporterAttrs: { name: "prototypes" } },
  });
  const labels = await engine.ok("image", "inspect", "-f", "{{json .Config.Labels}}", "prototypes");
  assert.equal(labels, '{"__proto__":"given","constructor":"given"}');
  assert.equal(await engine.ok("run", "--rm", "--network=none", "prototypes", "cat", "/c"), "given");
});

test("attack 31: where one name or exporter is wrong, none is made", async () => {
  const moby = (name: string) => ({ Type: "moby", Attrs: { name } });
  const wrong = [
    [moby("half,UPPER:x")],
    [moby("half,a@sha256:0")],
    [moby("half"), moby("half/../x")],
    [moby("half"), { Type: "nosuch", Attrs: {} }],
    [moby("half"), { Type: "moby", Attrs: { push: "true" } }],
  ];
  for (const Exporters of wrong) {
    await assert.rejects(build(fileSync("FROM busybox\nLABEL a=b\n"), { Exporters }), JSON.stringify(Exporters));
    assert.equal(await engine.ok("images", "-q", "half"), "", JSON.stringify(Exporters));
  }
});

test("attack 33: RUN --mount shows nothing of the host, and stands for nothing of its own", async () => {
  const refused = [
    ["type=tmpfs,target=/proc", /proc/],
    ["type=tmpfs,target=/proc/self", /proc/],
    ["type=tmpfs,target=/proc-link", /proc/],
    ["type=bind,from=busybox,target=/proc/self/attr", /proc/],
    ["type=tmpfs,target=/", /invalid mount target/],
    ["type=tmpfs,target=/x/../..", /invalid mount target/],
    ["type=bind,from=busybox,source=/escape,target=/x", /not found/],
    ["type=bind,from=busybox,source=/escape/mark,target=/x", /not found/],
    ["type=bind,from=busybox,source=/escape/mark,target=/x,rw", /not found/],
    ["type=bind,from=busybox,source=../../../escape,target=/x,rw", /not found/],
    ["type=cache,target=/x,uid=4294967295", /invalid value/],
    ["type=cache,target=/x,mode=77777", /invalid value/],
    ["type=secret,id=huge,target=/x,required=true", /larger than|closed/],
  ] as const;
  const huge: Method = async function* () {
    yield MESSAGES.getSecretResponse.encode({ data: Buffer.alloc(20 * MIB) });
  };
  const secrets = { "/moby.buildkit.secrets.v1.Secrets/GetSecret": huge };
  for (const [mount, expected] of refused) {
    const asked = build({ ...fileSync(`FROM busybox\nRUN --mount=${mount} cat /x/mark /x\n`), ...secrets });
    await assert.rejects(asked, expected, mount);
  }
  // A place that is a link leads inside the image.
  const dockerfile = "FROM busybox\nRUN --mount=type=cache,target=/escape/c touch /escape/c/x && ls -d /escape/c\n";
  await build(fileSync(dockerfile)).catch(() => {});
  assert.ok(!readdirSync(engine.directory).includes("c"));
  assert.equal(await engine.ok("ps", "-aq"), "");
});

test("attack 31: an engine that is stopped waits for no client of these", async () => {
  const other = await startEngine();
  try {
    const kit = await openKit(other);
    const asked = Promise.withResolvers<void>();
    const context: Method = async function* () {
      asked.resolve();
      yield await nothing().then(() => Buffer.alloc(0));
    };
    const session = await openSession(other, fileSync("FROM scratch\nCOPY a /\n", context));
    const solved = assert.rejects(solve(kit, { Session: session.id }));
    await asked.promise;
    const half = connect(other.socket);
    half.on("error", () => {});
    half.write(
      "POST /exec/x/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 9\r\n\r\n",
    );
    await until(() => alive(other));
    process.kill(other.pid, "SIGTERM");
    await until(() => !readdirSync("/proc").includes(String(other.pid)), { what: "the engine has ended", seconds: 10 });
    await solved;
    half.destroy();
    assert.doesNotMatch(other.log(), /"msg":"unexpected error"/);
  } finally {
    await other.stop();
  }
});
