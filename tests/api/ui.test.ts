/** The page's server: each way in that is refused, and the one that is not. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { createUi, type Ui } from "../../src/api/ui/server.ts";

type Answer = { status: number; body: string; headers: Record<string, string | string[] | undefined> };

const root = mkdtempSync(join(tmpdir(), "cloche-ui-"));
/** What came through to the engine's API. */
let passed: string[] = [];
let now = Date.now();
let ui: Ui;
let port: number;

before(async () => {
  mkdirSync(join(root, "assets"));
  writeFileSync(join(root, "index.html"), "<!doctype html><title>page</title>");
  writeFileSync(join(root, "assets/a-1.js"), "export {};");
  writeFileSync(`${root}-secret.js`, "secret");
  ui = createUi({
    root,
    now: () => now,
    api: {
      serve(request, response) {
        passed.push(`${request.method} ${request.url}`);
        response.end("{}");
      },
      wants: ({ url = "" }) => url.includes("/ws"),
      upgrade(request, socket) {
        passed.push(`websocket ${request.url}`);
        socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n");
      },
    },
  });
  port = Number(new URL(await ui.listen()).port);
});
after(async () => {
  await ui.close();
  rmSync(root, { recursive: true });
  rmSync(`${root}-secret.js`);
});

function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers = {} } = options;
    const sent = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (reply) => {
      text(reply).then((body) => resolve({ status: reply.statusCode ?? 0, body, headers: reply.headers }), reject);
    });
    sent.on("upgrade", (reply, socket) => {
      socket.destroy();
      resolve({ status: reply.statusCode ?? 0, body: "", headers: reply.headers });
    });
    sent.on("error", reject);
    sent.end();
  });
}

async function tokenPath(): Promise<string> {
  const { pathname, search } = new URL((await ui.link()).url);
  return pathname + search;
}

async function signIn(): Promise<{ base: string; cookie: string }> {
  const { body, headers } = await ask(await tokenPath());
  const cookie = String(headers["set-cookie"]).split(";")[0] ?? "";
  const base = /url=([^"]+)"/.exec(body)?.[1] ?? "";
  return { base, cookie };
}

test("a link signs in once: the cookie is strict, unreadable for scripts, and for the page's path only", async () => {
  const path = await tokenPath();
  const { status, headers, body } = await ask(path, { headers: { "Sec-Fetch-Site": "cross-site" } });
  assert.equal(status, 200);
  const [cookie = ""] = headers["set-cookie"] ?? [];
  assert.match(cookie, /^cloche-page=[\w-]{43}; Path=\/[\w-]{16}\/; HttpOnly; SameSite=Strict$/);
  assert.equal(headers["cache-control"], "no-store");
  const base = /url=([^"]+)"/.exec(body)?.[1] ?? "";
  const page = await ask(base, { headers: { Cookie: cookie.split(";")[0] ?? "" } });
  assert.deepEqual([page.status, page.body], [200, "<!doctype html><title>page</title>"]);
  const again = await ask(path);
  assert.deepEqual([again.status, again.headers["set-cookie"]], [401, undefined]);
  assert.match(again.body, /has been used/);
});

test("without a token, with a wrong one or with an old one nobody gets in", async () => {
  const old = await tokenPath();
  now += 5 * 60_000 + 1;
  for (const path of ["/", "/?token=", "/?token=AAAA", old]) {
    const { status, headers } = await ask(path);
    assert.deepEqual([status, headers["set-cookie"]], [401, undefined], path);
  }
});

test("without the session's own cookie there is neither page nor API", async () => {
  const one = await signIn();
  const two = await signIn();
  for (const path of ["", "assets/a-1.js", "api/containers/json"])
    for (const headers of [{}, { Cookie: two.cookie }, { Cookie: "cloche-page=x" }] as Record<string, string>[])
      assert.equal((await ask(one.base + path, { headers })).status, 401, path);
  assert.equal((await ask("/nosuch/api/info", { headers: { Cookie: one.cookie } })).status, 401);
  assert.deepEqual(passed, []);
});

test("a session that nobody uses ends", async () => {
  const { base, cookie } = await signIn();
  now += 13 * 3600_000;
  assert.equal((await ask(base, { headers: { Cookie: cookie } })).status, 401);
});

test("a name that is not loopback's is refused, as one that was bent to here", async () => {
  const { base, cookie } = await signIn();
  for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil"]) {
    assert.equal((await ask(base, { headers: { Host: host, Cookie: cookie } })).status, 403, host);
    assert.equal((await ask(await tokenPath(), { headers: { Host: host } })).status, 403, host);
  }
  for (const host of ["localhost", "localhost:1", `127.0.0.1:${port}`, "[::1]:8420"])
    assert.equal((await ask(base, { headers: { Host: host, Cookie: cookie } })).status, 200, host);
});

test("other pages' requests are refused, by Origin and by what the browser says of them", async () => {
  const { base, cookie } = await signIn();
  const own = `http://127.0.0.1:${port}`;
  const send = (headers: Record<string, string>) =>
    ask(`${base}api/containers/x/stop`, { method: "POST", headers: { Cookie: cookie, ...headers } });
  passed = [];
  for (const Origin of [
    "http://evil.example",
    "null",
    "http://127.0.0.1:1",
    "http://localhost:1",
    `https://127.0.0.1:${port}`,
  ])
    assert.equal((await send({ Origin })).status, 403, Origin);
  assert.equal((await send({})).status, 403, "no Origin");
  assert.equal((await send({ Origin: own, "Sec-Fetch-Site": "cross-site" })).status, 403);
  const read = { Cookie: cookie, "Sec-Fetch-Site": "same-site" };
  assert.equal((await ask(`${base}api/containers/json`, { headers: read })).status, 403);
  assert.deepEqual(passed, []);
  assert.equal((await send({ Origin: own, "Sec-Fetch-Site": "same-origin" })).status, 200);
  assert.deepEqual(passed, ["POST /containers/x/stop"]);
});

test("a websocket needs the cookie, and the page as its Origin", async () => {
  const { base, cookie } = await signIn();
  const open = (path: string, headers: Record<string, string>) =>
    ask(base + path, { headers: { Connection: "Upgrade", Upgrade: "websocket", ...headers } });
  const own = `http://127.0.0.1:${port}`;
  const path = "api/containers/x/attach/ws?stream=1";
  passed = [];
  assert.equal((await open(path, { Cookie: cookie })).status, 403);
  assert.equal((await open(path, { Cookie: cookie, Origin: "http://evil.example" })).status, 403);
  assert.equal((await open(path, { Cookie: cookie, Origin: own, Host: "evil.example" })).status, 403);
  assert.equal((await open(path, { Origin: own })).status, 401);
  assert.equal((await open("api/exec/x/start", { Cookie: cookie, Origin: own })).status, 403);
  assert.deepEqual(passed, []);
  assert.equal((await open(path, { Cookie: cookie, Origin: own })).status, 101);
  assert.deepEqual(passed, ["websocket /containers/x/attach/ws?stream=1"]);
});

test("the page may ask only for what it needs", async () => {
  const { base, cookie } = await signIn();
  const headers = { Cookie: cookie, Origin: `http://127.0.0.1:${port}` };
  passed = [];
  for (const [method, path] of [
    ["POST", "containers/create"],
    ["POST", "build"],
    ["GET", "containers/x/archive?path=/etc/shadow"],
    ["POST", "cloche/v1/ui"],
    ["POST", "exec/x/start"],
    ["GET", "v1.41/containers/json"],
    ["GET", "containers/../info"],
    ["DELETE", "images/busybox"],
    ["PUT", "containers/x/json"],
  ] as const)
    assert.equal((await ask(`${base}api/${path}`, { method, headers })).status, 403, `${method} ${path}`);
  assert.deepEqual(passed, []);
  await ask(`${base}api/images/training%2Fstress:2.1/history`, { headers });
  assert.deepEqual(passed, ["GET /images/training%2Fstress:2.1/history"]);
});

test("files: no way out of the folder, no method but reading, strict headers on all", async () => {
  const { base, cookie } = await signIn();
  const headers = { Cookie: cookie };
  for (const path of [
    `../${root}-secret.js`,
    "..%2f..%2fetc%2fpasswd",
    "../../etc/passwd",
    "assets/../../x",
    "assets",
    "%00",
  ])
    assert.equal((await ask(base + path, { headers })).status, 404, path);
  const origin = { ...headers, Origin: `http://127.0.0.1:${port}` };
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
    assert.equal((await ask(base, { method, headers: origin })).status, 405, method);
  assert.equal((await ask(await tokenPath(), { method: "POST", headers: origin })).status, 405);
  const { headers: sent } = await ask(`${base}assets/a-1.js`, { headers });
  assert.equal(sent["content-type"], "text/javascript; charset=utf-8");
  assert.equal(sent["x-content-type-options"], "nosniff");
  const policy = String(sent["content-security-policy"]);
  assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
});

test("addresses that others can reach are refused, and one page is served once", async () => {
  const other = createUi({ root, now: Date.now, api: { serve() {}, wants: () => false, upgrade() {} } });
  for (const address of ["0.0.0.0:0", "192.168.0.1:0", "[::]:0", "example.org:0"])
    await assert.rejects(other.listen(address), /loopback addresses only/, address);
  for (const address of ["127.0.0.1", ":80", "127.0.0.1:99999"])
    await assert.rejects(other.listen(address), /HOST:PORT/);
  await assert.rejects(other.listen(`127.0.0.1:${port}`), /cannot serve the page on .*: EADDRINUSE/);
  await assert.rejects(ui.listen("127.0.0.1:1"), /is served at http:\/\/127\.0\.0\.1:\d+\/ already/);
});
