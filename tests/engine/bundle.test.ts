/** What ./cloche starts is the engine in one file (decision 0036): what it loads only when it is needed must be in it, too. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import WebSocket from "ws";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { projectRoot, startEngine, type TestEngine } from "../support/engine.ts";

let engine: TestEngine;
before(async () => {
  const bundled = spawnSync(process.execPath, [join(projectRoot, "scripts/bundle.ts"), "engine"], { encoding: "utf8" });
  assert.equal(bundled.status, 0, bundled.stderr);
  process.env.CLOCHE_TEST_ENGINE = join(projectRoot, "dist/engine/main.cjs");
  engine = await startEngine();
  await importBusybox(engine);
});
after(() => engine?.stop());

async function get(path: string): Promise<string> {
  const asked = request({ socketPath: engine.socket, path }).end();
  const [reply] = await once(asked, "response");
  assert.equal(reply.statusCode, 200, path);
  return text(reply);
}

test("containers run, and are attached to by websocket", async () => {
  assert.equal(await engine.ok("run", "--rm", "busybox", "echo", "from the bundle"), "from the bundle");
  await engine.ok("run", "-d", "--name", "reader", "-i", "busybox", "cat");
  const socket = new WebSocket(`ws+unix://${engine.socket}:/containers/reader/attach/ws?stream=1&stdin=1&stdout=1`);
  await once(socket, "open");
  socket.send("by websocket\n");
  const [data] = await once(socket, "message");
  assert.equal(String(data), "by websocket\n");
  socket.close();
  await engine.ok("rm", "-f", "reader");
});

test("a registry with TLS is asked, by what is loaded then", async () => {
  const { code, stderr } = await engine.docker("pull", "127.0.0.1:1/none");
  assert.equal(code, 1);
  assert.match(stderr, /connection refused|ECONNREFUSED/);
});

test("images are built, metrics and the API's description are there, the page is served", async () => {
  const dockerfile = "FROM busybox\nRUN echo built > /made\nCMD cat /made\n";
  const env = { DOCKER_HOST: engine.host, DOCKER_BUILDKIT: "0" };
  const built = await command("docker", ["build", "-q", "-t", "made", "-"], { env, input: dockerfile });
  assert.equal(built.code, 0, built.stderr);
  assert.equal(await engine.ok("run", "--rm", "made"), "built");
  assert.match(await get("/metrics"), /^# HELP /m);
  assert.equal(JSON.parse(await get("/cloche/v1/openapi.json")).openapi, "3.1.0");
  const { url } = JSON.parse((await engine.cloche("ui", "--no-open", "--format", "json")).stdout);
  const page = await fetch(url);
  assert.match(await page.text(), /<title>[^<]*Cloche/);
});
