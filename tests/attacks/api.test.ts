/** Clients that do not keep to the rules: each gets its answer, and nobody else notices. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { alive, call, hostileImage, raw, remove, start } from "./scene.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await hostileImage(engine, "hostile");
});
after(() => engine?.stop());

const MIB = 1024 * 1024;
const head = (line: string, ...fields: string[]) =>
  `${[`${line} HTTP/1.1`, "Host: d", ...fields].join("\r\n")}\r\n\r\n`;
/** Connections of the engine. Files of running containers' cgroups come and go as they are looked at. */
const connections = () =>
  readdirSync(`/proc/${engine.pid}/fd`).filter((fd) => linkOf(`/proc/${engine.pid}/fd/${fd}`).startsWith("socket:"))
    .length;
const linkOf = (path: string) => {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed meanwhile
  }
};
const resident = () => Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${engine.pid}/status`, "utf8"))?.[1]) * 1024;
const volumes = async () => (await call(engine, "GET", "/volumes")).text;

function open(bytes: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(engine.socket);
    socket.on("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject).on("error", () => {});
      socket.write(bytes, () => resolve(socket));
    });
  });
}

test("attack 31: a body that is too large is refused before it is read", async () => {
  const before = resident();
  const json = "Content-Type: application/json";
  for (const path of ["/containers/create", "/volumes/create", "/exec/x/start", "/auth"]) {
    const answer = await raw(engine, head(`POST ${path}`, json, "Content-Length: 99999999999", "Connection: close"));
    assert.match(answer, /^HTTP\/1\.1 413 /, path);
  }
  const upgrade = head(
    "POST /exec/x/start",
    json,
    "Content-Length: 99999999999",
    "Connection: Upgrade",
    "Upgrade: tcp",
  );
  assert.match(await raw(engine, upgrade), /^HTTP\/1\.1 413 /);
  const chunk = `100000\r\n${" ".repeat(MIB)}\r\n`;
  const chunked =
    head("POST /containers/create", json, "Transfer-Encoding: chunked", "Connection: close") + chunk.repeat(8);
  assert.match(await raw(engine, chunked), /^HTTP\/1\.1 413 /);
  assert.ok(resident() - before < 200 * MIB);
  assert.ok(await alive(engine));
});

test("attack 31: too many and too long headers are refused", async () => {
  const long = await raw(engine, head("GET /_ping", `X-Long: ${"x".repeat(MIB)}`));
  // The answer may be lost to the reset of what was not read.
  assert.match(long, /^(HTTP\/1\.1 431 |$)/);
  const million = Array.from({ length: 1_000_000 }, (_, i) => `X-${i}: y`).join("\r\n");
  const many = await raw(engine, head("GET /_ping", million));
  assert.match(many, /^(HTTP\/1\.1 431 |$)/);
  assert.match(await raw(engine, `GET /${"a".repeat(MIB)} HTTP/1.1\r\n\r\n`), /^(HTTP\/1\.1 4\d\d |$)/);
  assert.match(await raw(engine, "\x00\x01\x02 nonsense\r\n\r\n"), /^HTTP\/1\.1 400 /);
  assert.ok(await alive(engine));
});

test("attack 31: clients that send half a request and wait keep nobody else away", async () => {
  const halves = [
    "GET /_ping HTTP/1.1\r\nHost:",
    head("POST /containers/create", "Content-Type: application/json", "Content-Length: 100"),
  ];
  const sockets: Socket[] = [];
  for (let i = 0; i < 200; i++) sockets.push(...(await Promise.all(halves.map(open))));
  assert.ok(await alive(engine));
  assert.equal((await call(engine, "GET", "/containers/json")).status, 200);
  for (const socket of sockets) socket.destroy();
});

test("attack 31: a thousand half-open attaches cost little and leave nothing", async () => {
  const { id } = await start(engine, { Image: "hostile", Cmd: ["sleep", "1000"], OpenStdin: true });
  const before = { sockets: connections(), memory: resident() };
  const attach = head(
    `POST /containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`,
    "Connection: Upgrade",
    "Upgrade: tcp",
  );
  const sockets: Socket[] = [];
  for (let i = 0; i < 20; i++) {
    sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => open(attach)))));
    assert.ok(await alive(engine)); // and the queue of connections is empty again
  }
  for (const socket of sockets) socket.end(); // only our half
  assert.ok(await alive(engine));
  assert.ok(resident() - before.memory < 300 * MIB);
  for (const socket of sockets) socket.destroy();
  await until(() => connections() <= before.sockets + 2, {
    what: () => `the connections are gone: ${connections()} are left`,
  });
  assert.equal((await call(engine, "GET", `/containers/${id}/json`)).status, 200);
  await remove(engine, id);
});

test("attack 31: attached clients that never read cost no memory, and do not hold the container up", async () => {
  const script =
    "read go; i=0; while [ $i -lt 300 ]; do head -c 100000 /dev/zero; i=$((i+1)); done; touch /done; sleep 1000";
  const { id } = await start(engine, {
    Image: "hostile",
    Cmd: ["sh", "-c", script],
    OpenStdin: true,
    HostConfig: { LogConfig: { Type: "none" } },
  });
  const attach = head(`POST /containers/${id}/attach?stream=1&stdin=1&stdout=1`, "Connection: Upgrade", "Upgrade: tcp");
  const before = resident();
  const sockets = await Promise.all(Array.from({ length: 20 }, () => open(attach)));
  for (const socket of sockets) socket.pause();
  sockets[0]?.write("\n");
  await until(async () => (await engine.docker("exec", id, "test", "-e", "/done")).code === 0, {
    what: "all has been written",
  });
  assert.ok(resident() - before < 400 * MIB, `${(resident() - before) / MIB} MiB`);
  for (const socket of sockets) socket.destroy();
  await remove(engine, id);
  assert.ok(await alive(engine));
});

test("attack 31: no second request is smuggled behind a first", async () => {
  const json = "Content-Type: application/json";
  const evil = (name: string) => {
    const body = `{"Name":"${name}"}`;
    return head("POST /volumes/create", json, `Content-Length: ${body.length}`) + body;
  };
  // Two framings of one message, of which another reader would take the other.
  const chunked = (...fields: string[]) => head("POST /containers/create", json, ...fields);
  for (const [name, first] of [
    ["cl-te", `${chunked("Content-Length: 5", "Transfer-Encoding: chunked")}0\r\n\r\n`],
    ["te-te", `${chunked("Transfer-Encoding: chunked", "Transfer-Encoding: identity")}0\r\n\r\n`],
    ["te-odd", `${chunked("Transfer-Encoding : chunked")}0\r\n\r\n`],
    ["two-lengths", `${chunked("Content-Length: 0", "Content-Length: 9")}`],
    ["plus", chunked("Content-Length: +0")],
    ["negative", chunked("Content-Length: -1")],
    ["fold", head("GET /_ping", "X: a\r\n\tTransfer-Encoding: chunked\r\n Content-Length: 7")],
    ["lf", `POST /containers/create HTTP/1.1\nHost: d\n${json}\nContent-Length: 0\n\n`],
  ] as const) {
    const answer = await raw(engine, first + evil(`smuggled-${name}`), 1500);
    assert.doesNotMatch(answer, /201 Created/, name);
  }
  // What comes behind a request that wanted the connection is for the stream, and not for the engine.
  const upgrade = ["Connection: Upgrade", "Upgrade: tcp"];
  for (const first of [
    `${head("POST /exec/none/start", json, "Content-Length: 2", ...upgrade)}{}`,
    head("POST /containers/none/attach?stream=1", ...upgrade),
    `${head("POST /exec/none/start", json, "Transfer-Encoding: chunked", ...upgrade)}2\r\n{}\r\n0\r\n\r\n`,
    head("POST /containers/%zz/attach?stream=1", ...upgrade),
    head("POST /containers/%00/attach?stream=1", ...upgrade),
  ])
    assert.match(await raw(engine, first + evil("smuggled-upgrade"), 1500), /^HTTP\/1\.1 4\d\d /, first);
  const { id } = await start(engine, { Image: "hostile", Cmd: ["cat"], OpenStdin: true });
  for (const fields of [upgrade, []]) {
    const attach = head(`POST /containers/${id}/attach?stream=1&stdin=1&stdout=1`, ...fields);
    await raw(engine, attach + evil("smuggled-stdin"), 500);
  }
  await remove(engine, id);
  assert.doesNotMatch(await volumes(), /smuggled/);
  assert.ok(await alive(engine));
});

test("attack 31: paths that try to be others are not found", async () => {
  const paths = [
    "/v1.99/..%2f",
    "/v1.41/..%2f..%2fcontainers/json",
    "/v1.41/../containers/json",
    "//containers/json",
    "/containers/..%2f..%2fetc/json",
    "/containers/%00/json",
    "/containers/%zz/json",
    "/containers/%ff%fe/json",
    "/images/../../etc/passwd/json",
    "/volumes/..%2f..%2fcontainers",
    "/volumes/../..",
    "/networks/__proto__",
    "/containers/__proto__/json",
    "/containers/constructor/json",
    "/v999999999999999999999.1/_ping",
    "/v1./_ping",
    "http://d/containers/json/x",
  ];
  for (const path of paths) {
    const answer = await raw(engine, head(`GET ${path}`, "Connection: close"));
    assert.match(answer, /^HTTP\/1\.1 (4\d\d|30\d) /, `${path}: ${answer.slice(0, 100)}`);
  }
  for (const name of ["..%2f..%2fx", "%2e%2e", "__proto__", "a%2fb"]) {
    const { status } = await call(engine, "DELETE", `/volumes/${name}`);
    assert.ok(status >= 400 && status < 500, `${name}: ${status}`);
  }
  assert.ok(await alive(engine));
});
