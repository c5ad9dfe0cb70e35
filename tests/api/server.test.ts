import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ApiServer, createServer } from "../../src/api/server.ts";
import { conflict, notModified } from "../../src/engine/errors.ts";

const dir = mkdtempSync(join(tmpdir(), "api-server-"));
const path = join(dir, "api.sock");
let server: ApiServer;

const make = () =>
  createServer({
    cgroupVersion: "v1",
    log: { error() {} },
    serverName: "Cloche/test (linux)",
    register(app) {
      app.get("/minor", (request) => ({ minor: request.apiMinor }));
      app.post("/echo", (request) => ({ body: request.body ?? null }));
      app.post("/containers/:id/start", () => Promise.reject(notModified()));
      app.get("/conflict", () => Promise.reject(conflict("in use")));
      app.get("/images/:name/json", (request) => request.params);
      app.get("/bug", () => Promise.reject(new TypeError("x is undefined")));
    },
    hijacks: [
      {
        protocol: "tcp",
        path: "/exec/:id/start",
        async handle({ id, body }) {
          if (id === "none") throw conflict("is not running");
          return {
            contentType: "application/vnd.docker.raw-stream",
            async run(stream) {
              stream.write(`${id} ${JSON.stringify(body)}\n`);
              for await (const chunk of stream) stream.write(chunk);
              stream.write("client is done\n");
            },
          };
        },
      },
    ],
  });

before(async () => {
  server = await make();
  await server.listen(`unix://${path}`);
});
after(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
});

type Reply = { status: number; headers: Record<string, unknown>; body: string };
function call(method: string, url: string, body?: string, headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: path, method, path: url, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
const json = { "Content-Type": "application/json" };

/** All that a raw connection answers; `say` is sent in pieces, then the client closes its half. */
function raw(pieces: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
      const next = pieces.shift();
      if (next !== undefined) socket.write(next);
      else socket.end();
    });
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
    socket.write(pieces.shift() ?? "");
  });
}

test("a path's version reaches the route, an unversioned path asks for the newest", async () => {
  assert.equal((await call("GET", "/v1.24/minor")).body, '{"minor":24}');
  assert.equal((await call("GET", "/minor")).body, '{"minor":51}');
});

test("versions outside 1.24 to 1.51 are refused in docker's words", async () => {
  const newer = await call("GET", "/v1.99/..%2f");
  assert.equal(newer.status, 400);
  assert.deepEqual(JSON.parse(newer.body), {
    message: "client version 1.99 is too new. Maximum supported API version is 1.51",
  });
  const older = await call("GET", "/v1.12/minor");
  assert.equal(older.status, 400);
  assert.match(older.body, /client version 1.12 is too old. Minimum supported API version is 1.24, please upgrade/);
});

test("every answer carries docker's headers", async () => {
  for (const url of ["/minor", "/nowhere", "/v1.99/x"]) {
    const { headers } = await call("GET", url);
    assert.equal(headers["api-version"], "1.51", url);
    assert.equal(headers["docker-experimental"], "false");
    assert.equal(headers.ostype, "linux");
    assert.equal(headers.server, "Cloche/test (linux)");
  }
});

test("unknown paths and methods are 404 page not found", async () => {
  for (const [method, url] of [
    ["GET", "/nope"],
    ["DELETE", "/minor"],
    ["GET", "/vx/minor"],
  ] as const) {
    const reply = await call(method, url);
    assert.equal(reply.status, 404);
    assert.equal(reply.body, '{"message":"page not found"}');
  }
});

test("errors of the engine become their status", async () => {
  assert.deepEqual(
    [(await call("GET", "/conflict")).status, (await call("GET", "/conflict")).body],
    [409, '{"message":"in use"}'],
  );
  const unchanged = await call("POST", "/containers/x/start");
  assert.deepEqual([unchanged.status, unchanged.body], [304, ""]);
  assert.equal((await call("GET", "/bug")).status, 500);
});

test("JSON bodies: malformed is 400, oversize is 413, another type is refused, none is fine", async () => {
  assert.equal((await call("POST", "/echo", "{", json)).status, 400);
  assert.equal((await call("POST", "/echo", `"${"x".repeat(5 * 1024 * 1024)}"`, json)).status, 413);
  const form = await call("POST", "/echo", "a=b", { "Content-Type": "application/x-www-form-urlencoded" });
  assert.equal(form.status, 400);
  assert.match(form.body, /must be 'application\/json'/);
  assert.equal((await call("POST", "/echo", undefined, { "Content-Type": "text/plain" })).body, '{"body":null}');
  assert.equal((await call("POST", "/echo", "", json)).body, '{"body":null}');
  assert.equal((await call("POST", "/echo", '{"a":1}', json)).body, '{"body":{"a":1}}');
});

test("an image's name keeps its slashes", async () => {
  assert.deepEqual(JSON.parse((await call("GET", "/v1.51/images/training/stress:2.1/json?x=/")).body), {
    name: "training/stress:2.1",
  });
  assert.deepEqual(JSON.parse((await call("GET", "/images/a%2Fb/json")).body), { name: "a/b" });
});

test("too many header bytes are refused", async () => {
  // node answers 431 and closes; a client that is still writing then may see a reset instead.
  const status = await call("GET", "/minor", undefined, { "X-Long": "x".repeat(300 * 1024) }).then(
    (reply) => reply.status,
    (error: NodeJS.ErrnoException) => error.code,
  );
  assert.ok(status === 431 || status === "ECONNRESET" || status === "EPIPE", String(status));
});

test("exec start with Upgrade: its body may come in pieces, with stdin right behind", async () => {
  const head = "POST /v1.44/exec/e1/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n";
  const text = await raw([
    `${head}Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{"Tty": false}early`,
    "late",
  ]);
  assert.match(text, /^HTTP\/1.1 101 UPGRADED\r\n/);
  assert.match(text, /Content-Type: application\/vnd.docker.raw-stream\r\n/);
  assert.match(text, /\r\n\r\ne1 {"Tty":false}\nearlylateclient is done\n$/);
});

test("exec start without Upgrade: 200 and the same raw stream", async () => {
  const head =
    "POST /exec/e2/start HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
  const text = await raw([head, "stdin"]);
  assert.match(text, /^HTTP\/1.1 200 OK\r\n/);
  assert.match(text, /e2 {}\nstdinclient is done\n$/);
});

test("an error before the stream begins is an ordinary answer", async () => {
  for (const upgrade of ["Connection: Upgrade\r\nUpgrade: tcp\r\n", "Connection: close\r\n"]) {
    const text = await raw([`POST /exec/none/start HTTP/1.1\r\nHost: d\r\n${upgrade}Content-Length: 0\r\n\r\n`]);
    assert.match(text, /^HTTP\/1.1 409 /);
    assert.match(text, /{"message":"is not running"}/);
  }
});

test("an Upgrade that no route takes is an ordinary request", async () => {
  const text = await raw(["GET /minor HTTP/1.1\r\nHost: d\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n"]);
  assert.match(text, /^HTTP\/1.1 200 /);
});

test("the socket is 0660; a dead engine's socket is replaced, a live one's never", async () => {
  assert.equal(statSync(path).mode & 0o777, 0o660);
  const second = await make();
  await assert.rejects(second.listen(`unix://${path}`), /another engine is serving it/);
  writeFileSync(join(dir, "file"), "");
  await assert.rejects(second.listen(`unix://${join(dir, "file")}`), /is no socket/);
  await assert.rejects(second.listen("tcp://0.0.0.0:0"), /only served on loopback/);
  const { address } = await second.listen("tcp://127.0.0.1:0");
  assert.match(address, /^tcp:\/\/127.0.0.1:\d+$/);
  await second.close();
  assert.equal((await call("GET", "/minor")).status, 200);
});

test("docker-py, which cannot cope with output right behind the head, gets it a moment later", async () => {
  const fields =
    "Host: d\r\nUser-Agent: docker-sdk-python/7.1.0\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0";
  const socket = connect({ path });
  socket.write(`POST /exec/e3/start HTTP/1.1\r\n${fields}\r\n\r\n`);
  const pieces: string[] = [];
  for await (const piece of socket.iterator({ destroyOnReturn: false })) {
    if (pieces.push(String(piece)) === 2 || String(piece).includes("e3")) break;
  }
  socket.destroy();
  assert.match(pieces[0] ?? "", /\r\n\r\n$/);
  assert.match(pieces[1] ?? "", /^e3/);
});
