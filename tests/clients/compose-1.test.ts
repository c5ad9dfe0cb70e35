/** docker-compose 1.29, as Debian packages it, with a stack of three services on images that are here already. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { command, type Outcome } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { packagedCompose, stopWithoutFaults } from "./clients.ts";

const COMPOSE = "/usr/bin/docker-compose";
const file = join(import.meta.dirname, "stack/docker-compose.yml");

describe("docker-compose 1.29", { skip: await packagedCompose() }, () => {
  let engine: TestEngine;
  before(async () => {
    engine = await startEngine();
    await importBusybox(engine);
  });
  after(() => stopWithoutFaults(engine));

  const words = (args: string[]) => ["-p", "stack", "-f", file, "--ansi", "never", ...args];
  const environment = () => ({ DOCKER_HOST: engine.host, COMPOSE_API_VERSION: "", PYTHONWARNINGS: "ignore" });
  const compose = (...args: string[]): Promise<Outcome> =>
    command(COMPOSE, words(args), { env: environment(), seconds: 120 });
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await compose(...args);
    assert.equal(code, 0, `docker-compose ${args.join(" ")}:\n${stderr}${stdout}\n${engine.log()}`);
    return stdout;
  };
  const idsOf = async (service: string) => (await ok("ps", "-q", service)).trim().split("\n").filter(Boolean);

  test("up: the database is healthy before the web server starts; the worker reaches it by its alias", async () => {
    await ok("up", "-d");
    const now = String(Math.ceil(Date.now() / 1000));
    const told = ["events", "--since", "0", "--until", now, "--format", "{{.Action}} {{.Actor.Attributes.name}}"];
    const events = (await engine.ok(...told)).split("\n");
    const [healthy, started] = ["health_status: healthy stack_database_1", "start stack_web_1"].map((event) =>
      events.indexOf(event),
    );
    assert.ok(healthy !== -1 && started !== -1 && Number(healthy) < Number(started), events.join("\n"));
    const worker = () => engine.ok("logs", "stack_worker_1");
    await until(async () => (await worker()).includes("got welcome to the stack"));
    assert.match(await ok("logs", "worker"), /worker_1 +\| \w+ got welcome to the stack/);
  });

  test("ps, port and the published port on loopback", async () => {
    const table = await ok("ps");
    assert.match(table, /stack_database_1 .* Up \(healthy\)/);
    assert.match(table, /stack_web_1 .* Up +127\.0\.0\.1:\d+->80\/tcp/);
    const [host, port] = (await ok("port", "web", "80")).trim().split(":");
    assert.equal(host, "127.0.0.1");
    assert.equal(await get(Number(port)), "welcome to the stack\n");
    assert.match(await ok("top", "web"), /httpd -f -v -p 80/);
    assert.match(await ok("images"), /stack_web_1 +busybox +latest/);
  });

  test("up again changes nothing", async () => {
    const before = await engine.ok("ps", "-q", "--no-trunc");
    const { stderr } = await compose("up", "-d");
    assert.equal(stderr.match(/is up-to-date/g)?.length, 3, stderr);
    assert.equal(await engine.ok("ps", "-q", "--no-trunc"), before);
  });

  test("exec and run: output, input, exit status, files bound from beside the stack", async () => {
    assert.equal(await ok("exec", "-T", "web", "cat", "/settings/site.conf"), "color = blue\n");
    assert.equal((await compose("exec", "-T", "web", "sh", "-c", "exit 6")).code, 6);
    assert.match((await compose("exec", "-T", "web", "touch", "/settings/x")).stderr, /Read-only file system/);
    const answer = await compose(
      "run",
      "--rm",
      "-T",
      "--no-deps",
      "worker",
      "sh",
      "-c",
      "wget -q -O - http://site/; exit 5",
    );
    assert.deepEqual([answer.code, answer.stdout], [5, "welcome to the stack\n"]);
  });

  test("scale: three workers, each found by the service's name, then one again", async () => {
    await ok("up", "-d", "--no-recreate", "--scale", "worker=3");
    assert.equal((await idsOf("worker")).length, 3);
    const found = await ok("exec", "-T", "database", "nslookup", "worker");
    assert.equal(new Set(found.match(/(?<=Address: )\d+\.\d+\.\d+\.\d+$/gm)).size, 3, found);
    await ok("up", "-d", "--no-recreate", "--scale", "worker=1");
    assert.equal((await idsOf("worker")).length, 1);
  });

  test("logs -f brings what all services write, until they stop; events tell of it", async () => {
    const follow = spawn(COMPOSE, words(["logs", "-f", "--tail", "2"]), {
      env: { ...process.env, ...environment() },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let seen = "";
    follow.stdout.on("data", (data) => (seen += data));
    const events = spawn(COMPOSE, words(["events", "--json"]), {
      env: { ...process.env, ...environment() },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let told = "";
    events.stdout.on("data", (data) => (told += data));
    const ended = new Promise<number | null>((done) => follow.once("close", done));
    try {
      await until(() => /worker_1 +\| \w+ got welcome/.test(seen) && /web_1 +\| .*response:200/.test(seen), {
        what: () => `both services speak in:\n${seen}`,
      });
      // It has subscribed when it tells of something.
      await until(async () => {
        await engine.ok("pause", "stack_worker_1");
        await engine.ok("unpause", "stack_worker_1");
        return told.includes('"action": "unpause"');
      });
      await ok("stop", "-t", "1");
      assert.equal(await ended, 0);
      assert.match(seen, /stack_worker_1 exited with code 137/);
      await until(() => [...told.matchAll(/"action": "die".*"service": "(\w+)"/g)].length === 3, { what: () => told });
    } finally {
      follow.kill();
      events.kill();
    }
  });

  test("start and restart keep the volume and the addresses' names", async () => {
    await ok("start");
    await ok("restart", "-t", "1", "database");
    const starts = async () => (await engine.docker("exec", "stack_database_1", "wc", "-l", "/data/www/starts")).stdout;
    await until(async () => Number.parseInt(await starts(), 10) === 3);
    const site = () => engine.docker("exec", "stack_worker_1", "wget", "-q", "-O", "-", "http://site/");
    await until(async () => (await site()).code === 0);
    await ok("kill", "worker");
    assert.match(await ok("ps", "-a"), /stack_worker_1 .* Exit 137/);
  });

  test("a changed service is made anew, with the volume of the old one", async () => {
    const [old] = await idsOf("database");
    await ok("up", "-d", "--force-recreate", "-t", "1", "database");
    const [fresh] = await idsOf("database");
    assert.notEqual(fresh, old);
    await until(async () =>
      (await engine.docker("exec", "stack_database_1", "wc", "-l", "/data/www/starts")).stdout.startsWith("4 "),
    );
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

function get(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, agent: false }, (response) => resolve(text(response)));
    sent.once("error", reject);
    sent.end();
  });
}
