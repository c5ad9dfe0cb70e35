/** testcontainers-node: its containers, ways to wait, networks and files; and its reaper, by a stand-in for Ryuk's image. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import type * as Testcontainers from "testcontainers";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { stopWithoutFaults } from "./clients.ts";
import { importRyukStandIn } from "./ryuk-image.ts";

const RYUK = "ryuk-stand-in:1";
const IMAGE = "busybox:latest";

let engine: TestEngine;
let tc: typeof Testcontainers;
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  Object.assign(process.env, environment(), { TESTCONTAINERS_RYUK_DISABLED: "true" });
  tc = await import("testcontainers");
});
after(() => stopWithoutFaults(engine));

function environment(): Record<string, string> {
  return {
    DOCKER_HOST: engine.host,
    TESTCONTAINERS_HOST_OVERRIDE: "127.0.0.1",
    RYUK_CONTAINER_IMAGE: RYUK,
    // Lock files, and no settings of whoever runs the tests.
    ...{ TMPDIR: engine.directory, HOME: engine.directory, DOCKER_CONFIG: join(engine.directory, "docker-config") },
  };
}

const busybox = () => new tc.GenericContainer(IMAGE).withPullPolicy({ shouldPull: () => "never" });
const httpd = (...options: string[]) => busybox().withCommand(["httpd", "-f", "-v", "-p", "80", ...options]);

test("wait for listening ports; the mapped port answers from the host", async () => {
  const container = await httpd("-h", "/etc").withExposedPorts(80).start();
  const answer = await fetch(`http://${container.getHost()}:${container.getMappedPort(80)}/passwd`);
  assert.match(await answer.text(), /^root:x:0:0/);
  assert.match(container.getIpAddress("bridge"), /^\d+\.\d+\.\d+\.\d+$/);
  await container.stop();
  assert.equal((await engine.docker("inspect", container.getId())).code, 1);
});

test("wait for a line of the log, for HTTP, for a command, for the end", async () => {
  const logged = await busybox()
    .withCommand(["sh", "-c", "echo starting; sleep 0.5; echo ready 1; echo ready 2; sleep 600"])
    .withWaitStrategy(tc.Wait.forLogMessage(/ready \d/, 2))
    .start();
  const lines = await logged.logs();
  let seen = "";
  lines.on("data", (line) => (seen += line));
  await until(() => seen.includes("ready 2"));
  assert.match(seen, /^starting\s+ready 1\s+ready 2/);
  await logged.stop();

  const served = await httpd("-h", "/etc").withExposedPorts(80).withWaitStrategy(tc.Wait.forHttp("/group", 80)).start();
  await served.stop();

  const command = tc.Wait.forSuccessfulCommand("test -e /tmp/ready");
  const late = await busybox()
    .withCommand(["sh", "-c", "sleep 0.5; touch /tmp/ready; sleep 600"])
    .withWaitStrategy(command)
    .start();
  await late.stop();

  const oneShot = await busybox().withCommand(["true"]).withWaitStrategy(tc.Wait.forOneShotStartup()).start();
  await oneShot.stop();
});

test("wait for a health check, good and bad", async () => {
  const check = (words: string) => ({
    test: ["CMD-SHELL", words] as ["CMD-SHELL", string],
    interval: 200,
    timeout: 5000,
    retries: 2,
    startPeriod: 0,
  });
  const healthy = await busybox()
    .withCommand(["sleep", "600"])
    .withHealthCheck(check("true"))
    .withWaitStrategy(tc.Wait.forHealthCheck())
    .start();
  assert.equal(await engine.ok("inspect", "-f", "{{.State.Health.Status}}", healthy.getId()), "healthy");
  await healthy.stop();
  const bad = busybox()
    .withCommand(["sleep", "600"])
    .withHealthCheck(check("false"))
    .withWaitStrategy(tc.Wait.forHealthCheck());
  await assert.rejects(bad.start(), /unhealthy/);
});

test("exec, environment, user, labels, tmpfs, limits, restart", async () => {
  const container = await busybox()
    .withCommand(["sh", "-c", "echo up; sleep 600"])
    .withEnvironment({ A: "b" })
    .withLabels({ who: "tc" })
    .withTmpFs({ "/scratch": "rw,size=1m" })
    .withUser("nobody")
    .withResourcesQuota({ memory: 0.0625, cpu: 1 })
    .withWaitStrategy(tc.Wait.forLogMessage("up"))
    .start();
  const { output, exitCode } = await container.exec(["sh", "-c", "echo $A; id -u; df -m /scratch | wc -l; exit 3"]);
  assert.deepEqual([output, exitCode], ["b\n65534\n2\n", 3]);
  const other = await container.exec(["pwd"], { workingDir: "/tmp", user: "root" });
  assert.equal(other.output, "/tmp\n");
  assert.equal(container.getLabels().who, "tc");
  await container.restart();
  assert.equal((await container.exec(["true"])).exitCode, 0);
  await container.stop();
});

test("networks with aliases join containers", async () => {
  const network = await new tc.Network().start();
  const server = await httpd("-h", "/etc").withNetwork(network).withNetworkAliases("backend").start();
  const client = await busybox().withCommand(["sleep", "600"]).withNetwork(network).start();
  const fetched = () => client.exec(["wget", "-q", "-O", "-", "http://backend/group"]);
  await until(async () => (await fetched()).exitCode === 0);
  assert.match((await fetched()).output, /^root:x:0:/);
  await client.stop();
  await server.stop();
  await network.stop();
  assert.doesNotMatch(await engine.ok("network", "ls"), new RegExp(network.getName()));
});

test("files: copied in before the start and while it runs, and fetched back", async () => {
  const container = await busybox()
    .withCommand(["sh", "-c", "cat /tmp/first; sleep 600"])
    .withCopyContentToContainer([{ content: "from before\n", target: "/tmp/first", mode: 0o640 }])
    .withWaitStrategy(tc.Wait.forLogMessage("from before"))
    .start();
  await container.copyContentToContainer([{ content: "later\n", target: "/tmp/second" }]);
  await container.copyFilesToContainer([{ source: import.meta.filename, target: "/tmp/source.ts" }]);
  assert.equal((await container.exec(["cat", "/tmp/second"])).output, "later\n");
  assert.match((await container.exec(["head", "-n", "1", "/tmp/source.ts"])).output, /testcontainers-node/);
  const archive = await container.copyArchiveFromContainer("/tmp/first");
  assert.match(await text(archive as NodeJS.ReadableStream & AsyncIterable<Buffer>), /from before\n/);
  await container.stop();
});

test("a program that dies leaves nothing: the reaper removes it all, over the socket mounted into it", async () => {
  await importRyukStandIn(engine, RYUK);
  const program = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "testcontainers-session.ts")],
    {
      env: { ...process.env, ...environment(), TESTCONTAINERS_RYUK_DISABLED: "false" },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let said = "";
  program.stdout.on("data", (data) => (said += data));
  try {
    await until(() => said.endsWith("\n"), { what: "it has started its containers", seconds: 60 });
    const { container, network } = JSON.parse(said);
    const ids = () => engine.ok("ps", "-aq", "--no-trunc");
    assert.equal((await ids()).split("\n").length, 2, "one of the program's, and the reaper");
    assert.match(await ids(), new RegExp(container));
    assert.match(await engine.ok("network", "ls", "-q", "--no-trunc"), new RegExp(network));
    program.kill("SIGKILL");
    await until(async () => (await ids()) === "", { what: "all containers are gone, the reaper's too", seconds: 60 });
    assert.doesNotMatch(await engine.ok("network", "ls", "-q", "--no-trunc"), new RegExp(network));
  } finally {
    program.kill("SIGKILL");
  }
});
