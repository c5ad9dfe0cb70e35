/** docker login, against registries of the test's own on loopback: one that asks for a password, one for a token, one for nothing. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { startEngine, type TestEngine } from "../support/engine.ts";

const BASIC = `Basic ${Buffer.from("me:secret").toString("base64")}`;
const servers: Server[] = [];
let engine: TestEngine;
before(async () => {
  engine = await startEngine();
});
after(async () => {
  for (const server of servers) server.close();
  await engine?.stop();
});

async function registry(listener: (self: () => string) => RequestListener): Promise<string> {
  let host = "";
  const server = createServer(listener(() => host)).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return host;
}

const login = (host: string, password: string) => engine.docker("login", "-u", "me", "-p", password, host);

test("a registry that asks for a password", async () => {
  const host = await registry(() => (request, response) => {
    if (request.headers.authorization === BASIC) return void response.end("{}");
    response.writeHead(401, { "WWW-Authenticate": 'Basic realm="here"' }).end();
  });
  assert.match((await login(host, "secret")).stdout, /Login Succeeded/);
  const refused = await login(host, "wrong");
  assert.equal(refused.code, 1);
  assert.ok(
    refused.stderr.includes(`login attempt to http://${host}/v2/ failed with status: 401 Unauthorized`),
    refused.stderr,
  );
});

test("a registry that sends to a token server", async () => {
  const host = await registry((self) => (request, response) => {
    if (request.url?.startsWith("/token")) {
      if (request.headers.authorization === BASIC) return void response.end('{"token":"good"}');
      return void response.writeHead(401).end();
    }
    if (request.headers.authorization === "Bearer good") return void response.end("{}");
    response.writeHead(401, { "WWW-Authenticate": `Bearer realm="http://${self()}/token",service="s"` }).end();
  });
  assert.match((await login(host, "secret")).stdout, /Login Succeeded/);
  assert.equal((await login(host, "wrong")).code, 1);
});

test("one that asks for nothing takes anybody; nobody there, a remote one and no credentials are told apart", async () => {
  const open = await registry(() => (_request, response) => void response.end("{}"));
  assert.match((await login(open, "any")).stdout, /Login Succeeded/);
  const nobody = await registry(() => () => {});
  servers.at(-1)?.close();
  assert.match((await login(nobody, "x")).stderr, /connection refused/);
  const remote = await login("registry.example:5000", "x");
  assert.match(remote.stderr, /refused: this engine/);
});
