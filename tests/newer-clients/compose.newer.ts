/** docker compose 2, of each newer suite, with the stack that compose 1 is tested with, on images that are here already. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { stopWithoutFaults } from "../clients/clients.ts";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { type Client, clientOf, suites } from "./clients.ts";

for (const suite of suites()) {
  describe(`docker compose of Debian ${suite.name}`, () => {
    let engine: TestEngine;
    let client: Client;
    let file = "";
    before(async () => {
      engine = await startEngine();
      await importBusybox(engine);
      client = clientOf(suite, engine, { plugins: ["docker-compose"] });
      cpSync(join(import.meta.dirname, "../clients/stack"), join(engine.directory, "stack"), { recursive: true });
      file = join(engine.directory, "stack/docker-compose.yml");
    });
    after(() => stopWithoutFaults(engine));

    const words = (args: string[]) => ["compose", "-p", "stack", "-f", file, "--ansi", "never", ...args];
    const compose = (...args: string[]) => client.run(...words(args));
    const ok = (...args: string[]) => client.ok(...words(args));
    const idsOf = async (service: string) => (await ok("ps", "-aq", service)).trim().split("\n").filter(Boolean);
    const rows = async () =>
      (await ok("ps", "-a", "--format", "json"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    const starts = async () => (await engine.docker("exec", "stack-database-1", "wc", "-l", "/data/www/starts")).stdout;

    test("it is version 2, and reads the stack's file", async () => {
      assert.match(await ok("version", "--short"), /^v?2\.\d+/);
      const config = JSON.parse(await ok("config", "--format", "json"));
      assert.deepEqual(Object.keys(config.services).sort(), ["database", "web", "worker"]);
      assert.deepEqual((await ok("config", "--images")).trim().split("\n"), Array(3).fill("busybox:latest"));
    });

    test("up: the database is healthy before the web server starts; the worker reaches it by its alias", async () => {
      await ok("up", "-d", "--wait");
      const now = String(Math.ceil(Date.now() / 1000));
      const told = ["events", "--since", "0", "--until", now, "--format", "{{.Action}} {{.Actor.Attributes.name}}"];
      const events = (await engine.ok(...told)).split("\n");
      const [healthy, started] = ["health_status: healthy stack-database-1", "start stack-web-1"].map((event) =>
        events.indexOf(event),
      );
      assert.ok(healthy !== -1 && started !== -1 && Number(healthy) < Number(started), events.join("\n"));
      await until(async () => (await ok("logs", "worker")).includes("got welcome to the stack"), { seconds: 60 });
    });

    test("ps, port, top, images and the published port on loopback", async () => {
      const states = Object.fromEntries((await rows()).map(({ Service, State, Health }) => [Service, [State, Health]]));
      assert.deepEqual(states, { database: ["running", "healthy"], web: ["running", ""], worker: ["running", ""] });
      assert.match(await ok("ps"), /stack-web-1 .* 127\.0\.0\.1:\d+->80\/tcp/);
      const address = (await ok("port", "web", "80")).trim();
      assert.match(address, /^127\.0\.0\.1:\d+$/);
      assert.equal(await (await fetch(`http://${address}`)).text(), "welcome to the stack\n");
      assert.match(await ok("top", "web"), /httpd -f -v -p 80/);
      assert.match(await ok("images"), /stack-web-1 +busybox +latest/);
      assert.match(await ok("ls"), /stack +running\(3\)/);
    });

    test("up again changes nothing", async () => {
      const before = await engine.ok("ps", "-q", "--no-trunc");
      await ok("up", "-d");
      assert.equal(await engine.ok("ps", "-q", "--no-trunc"), before);
    });

    test("exec and run: output, exit status, files bound from beside the stack", async () => {
      assert.equal(await ok("exec", "-T", "web", "cat", "/settings/site.conf"), "color = blue\n");
      assert.equal((await compose("exec", "-T", "web", "sh", "-c", "exit 6")).code, 6);
      assert.match((await compose("exec", "-T", "web", "touch", "/settings/x")).stderr, /Read-only file system/);
      const words = ["run", "--rm", "-T", "--no-deps", "worker", "sh", "-c", "wget -q -O - http://site/; exit 5"];
      const answer = await compose(...words);
      assert.deepEqual([answer.code, answer.stdout], [5, "welcome to the stack\n"], answer.stderr);
    });

    test("cp in both directions", async () => {
      const here = join(engine.directory, "copied");
      writeFileSync(here, "from outside\n");
      await ok("cp", here, "web:/tmp/copied");
      assert.equal(await ok("exec", "-T", "web", "cat", "/tmp/copied"), "from outside\n");
      await ok("cp", "web:/settings/site.conf", here);
      assert.equal(readFileSync(here, "utf8"), "color = blue\n");
    });

    test("scale: three workers, each found by the service's name, then one again", async () => {
      await ok("up", "-d", "--no-recreate", "--scale", "worker=3");
      assert.equal((await idsOf("worker")).length, 3);
      const found = await ok("exec", "-T", "database", "nslookup", "worker");
      assert.equal(new Set(found.match(/(?<=Address: )\d+\.\d+\.\d+\.\d+$/gm)).size, 3, found);
      await ok("scale", "worker=1");
      assert.equal((await idsOf("worker")).length, 1);
    });

    test("logs -f brings what all services write, until they stop", async () => {
      const follow = spawn(suite.docker, words(["logs", "-f", "--tail", "2"]), {
        env: { ...process.env, ...client.environment },
        stdio: ["ignore", "pipe", "inherit"],
      });
      let seen = "";
      follow.stdout.on("data", (data) => (seen += data));
      const ended = new Promise<number | null>((done) => follow.once("close", done));
      try {
        await until(() => /worker-1 +\| \w+ got welcome/.test(seen) && /web-1 +\| .*response:200/.test(seen), {
          what: () => `both services speak in:\n${seen}`,
        });
        await ok("pause", "worker");
        assert.equal((await rows()).find(({ Service }) => Service === "worker")?.State, "paused");
        await ok("unpause", "worker");
        await ok("stop", "-t", "1");
        assert.equal(await ended, 0);
      } finally {
        follow.kill();
      }
    });

    test("start and restart keep the volume and the addresses' names", async () => {
      await ok("start");
      await ok("restart", "-t", "1", "database");
      await until(async () => Number.parseInt(await starts(), 10) === 3);
      const site = () => engine.docker("exec", "stack-worker-1", "wget", "-q", "-O", "-", "http://site/");
      await until(async () => (await site()).code === 0);
      await ok("kill", "worker");
      const worker = (await rows()).find(({ Service }) => Service === "worker");
      assert.deepEqual([worker?.State, worker?.ExitCode], ["exited", 137]);
    });

    test("a changed service is made anew, with the volume of the old one; what did not change stays", async () => {
      const [old] = await idsOf("database");
      const [web] = await idsOf("web");
      const changed = readFileSync(file, "utf8").replace("restart: on-failure", "restart: always");
      writeFileSync(file, changed.replace("retries: 50", "retries: 60"));
      await ok("up", "-d", "-t", "1", "database");
      const [fresh] = await idsOf("database");
      assert.notEqual(fresh, old);
      await until(async () => (await starts()).startsWith("4 "));
      assert.deepEqual(await idsOf("web"), [web]);
      await ok("up", "-d", "-t", "1", "web");
      const [again] = await idsOf("web");
      assert.notEqual(again, web);
      assert.equal(await engine.ok("inspect", "-f", "{{.HostConfig.RestartPolicy.Name}}", again ?? ""), "always");
    });

    test("wait tells a service's exit status; rm removes a single service", async () => {
      await ok("up", "-d", "worker");
      const waiting = compose("wait", "worker");
      await ok("kill", "worker");
      const { code, stdout, stderr } = await waiting;
      assert.equal(code, 137, stdout + stderr);
      await ok("rm", "-f", "worker");
      assert.deepEqual(await idsOf("worker"), []);
    });

    test("down -v leaves nothing", async () => {
      await ok("down", "-v", "-t", "1");
      assert.equal(await engine.ok("ps", "-aq"), "");
      assert.equal(await engine.ok("volume", "ls", "-q"), "");
      assert.deepEqual((await engine.ok("network", "ls", "--format", "{{.Name}}")).split("\n").sort(), [
        "bridge",
        "host",
        "none",
      ]);
    });
  });
}
