/** Pages in a browser of this machine's user, whose scripts may send requests to any port of loopback's. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { call } from "./scene.ts";

let engine: TestEngine;
let address: URL;
before(async () => {
  const port = await freePort();
  engine = await startEngine(["-H", `tcp://127.0.0.1:${port}`]);
  address = new URL(`http://127.0.0.1:${port}`);
});
after(() => engine?.stop());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

type Headers = Record<string, string>;

/** As a browser or another client sends it to the address. @returns the status */
function send(method: string, path: string, headers: Headers, body?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = address;
    const sent = request({ hostname, port, method, path, headers, agent: false }, async (response) => {
      await buffer(response);
      resolve(response.statusCode ?? 0);
    });
    sent.once("upgrade", (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

const volumes = async () => (await call(engine, "GET", "/volumes")).text;

test("attack 32: a page of another site changes nothing and reads nothing by way of the engine's TCP port", async () => {
  const { host } = address;
  const foreign: [string, Headers][] = [
    ["its name was bent to here", { Host: "evil.example" }],
    ["its name was bent to here, with our port", { Host: `evil.example:${address.port}` }],
    ["its name begins as loopback's", { Host: `127.0.0.1.evil.example:${address.port}` }],
    ["it posts a form", { Host: host, Origin: "https://evil.example" }],
    ["it posts from a sandbox or a file", { Host: host, Origin: "null" }],
    ["it is served by another port of ours", { Host: host, Origin: "http://127.0.0.1:1" }],
    ["the browser says so", { Host: host, "Sec-Fetch-Site": "cross-site" }],
  ];
  for (const [what, headers] of foreign) {
    // A body without a type, as scripts may send it without asking first.
    assert.equal(await send("POST", "/volumes/create", headers, '{"Name":"planted"}'), 403, what);
    assert.equal(await send("GET", "/containers/json", headers), 403, what);
    assert.equal(await send("GET", "/v1.41/containers/json", headers), 403, what);
    const upgrade = { ...headers, Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13" };
    const key = { "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==" };
    assert.equal(await send("GET", "/containers/x/attach/ws?stream=1", { ...upgrade, ...key }), 403, what);
    const taken = { ...headers, Connection: "Upgrade", Upgrade: "tcp" };
    assert.equal(await send("POST", "/containers/x/attach?stream=1", taken), 403, what);
  }
  assert.doesNotMatch(await volumes(), /planted/);
});

test("attack 32: other clients of the TCP port are served, by number and by name", async () => {
  for (const host of [address.host, "127.0.0.1", `localhost:${address.port}`, "[::1]:2375"])
    assert.equal(await send("GET", "/_ping", { Host: host }), 200, host);
  assert.equal((await engine.docker("-H", `tcp://${address.host}`, "version")).code, 0);
});

test("attack 32: the API is not served on addresses that others can reach", async () => {
  const directory = mkdtempSync(join(tmpdir(), "cloche-refused-"));
  const words = ["engine", "--data-root", join(directory, "data"), "--exec-root", join(directory, "exec")];
  words.push(
    "--pidfile",
    join(directory, "pid"),
    "--bridge",
    `${engine.bridge.slice(0, 10)}r`,
    "--registry-loopback-only",
    "-H",
  );
  try {
    for (const host of ["tcp://0.0.0.0:0", "tcp://[::]:0", "tcp://127.0.0.1.evil.example:0"]) {
      const { code, stderr, stdout } = await engine.cloche(...words, host);
      assert.notEqual(code, 0);
      assert.match(stderr + stdout, /without TLS the API is only served on loopback addresses/);
    }
    const { stdout: tables } = await command("nft", ["list", "tables"]);
    assert.ok(
      !tables.includes(`cloche_${engine.bridge.slice(0, 10)}r`),
      "the firewall of an engine that did not start",
    );
  } finally {
    await command("ip", ["link", "del", `${engine.bridge.slice(0, 10)}r`]);
    rmSync(directory, { recursive: true, force: true });
  }
});
