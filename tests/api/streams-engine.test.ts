/** Streams of real containers, by the docker CLI. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  await engine.ok("run", "-d", "--name", "main", "--network", "none", "busybox", "sleep", "600");
});
after(() => engine?.stop());

const docker = (args: string[], input?: string) =>
  command("docker", args, { env: { DOCKER_HOST: engine.host }, ...(input !== undefined && { input }) });

test("run: stdout, stderr and exit code are the program's", async () => {
  const outcome = await docker([
    "run",
    "--rm",
    "--network",
    "none",
    "busybox",
    "sh",
    "-c",
    "echo out; echo err >&2; exit 7",
  ]);
  assert.deepEqual(outcome, { code: 7, stdout: "out\n", stderr: "err\n" });
});

test("run -i: what goes in comes out, to the last byte, and the end of input is passed on", async () => {
  const input = "0123456789abcde\n".repeat(200_000);
  const { code, stdout } = await docker(["run", "--rm", "-i", "--network", "none", "busybox", "cat"], input);
  assert.equal(code, 0);
  assert.equal(stdout.length, input.length);
  assert.ok(stdout === input);
});

test("exec: a program that ends at once loses no output, with and without input for it", async () => {
  for (let i = 0; i < 10; i++) {
    assert.equal((await docker(["exec", "main", "echo", "quick"])).stdout, "quick\n");
    assert.equal((await docker(["exec", "-i", "main", "echo", "quick"], "not read\n")).stdout, "quick\n");
  }
});

test("exec: exit codes and texts of commands that cannot run", async () => {
  const missing = await docker(["exec", "main", "nosuch"]);
  assert.equal(missing.code, 127);
  assert.match(missing.stdout + missing.stderr, /exec: "nosuch": executable file not found in \$PATH/);
  assert.equal((await docker(["exec", "main", "/etc"])).code, 126);
  assert.equal((await docker(["exec", "main", "sh", "-c", "exit 5"])).code, 5);
  await engine.ok("pause", "main");
  const paused = await docker(["exec", "main", "true"]);
  await engine.ok("unpause", "main");
  assert.match(
    paused.stderr,
    /^Error response from daemon: Container main is paused, unpause the container before exec/,
  );
});

test("a slow reader loses nothing: of an exec, which waits, and of a run, which does not", async () => {
  const expected = createHash("sha256");
  for (let i = 1; i <= 1_000_000; i++) expected.update(`${i}\n`);
  const digest = expected.digest("hex");
  for (const args of [
    ["exec", "main", "seq", "1000000"],
    ["run", "--rm", "--network", "none", "busybox", "seq", "1000000"],
  ]) {
    assert.equal(await readSlowly(args), digest, args.join(" "));
  }
});

/** The CLI's output, of which nothing is read for a second. */
function readSlowly(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const hash = createHash("sha256");
    const child = spawn("docker", args, {
      env: { ...process.env, DOCKER_HOST: engine.host },
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.once("error", reject);
    child.once("close", () => resolve(hash.digest("hex")));
    setTimeout(() => child.stdout.on("data", (chunk) => hash.update(chunk)), 1000);
  });
}

test("logs -f ends with the container, and has all of it", async () => {
  await engine.ok(
    "run",
    "-d",
    "--name",
    "lines",
    "--network",
    "none",
    "busybox",
    "sh",
    "-c",
    "seq 3; sleep 1; seq 4 6",
  );
  const { stdout } = await docker(["logs", "-f", "lines"]);
  assert.equal(stdout, "1\n2\n3\n4\n5\n6\n");
  assert.equal(await engine.ok("logs", "--tail", "2", "lines"), "5\n6");
  assert.match(await engine.ok("logs", "-t", "--tail", "1", "lines"), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z 6$/);
});

test("logs -f follows across rotations", async () => {
  const limits = ["--log-opt", "max-size=20k", "--log-opt", "max-file=3"];
  const script = "for i in $(seq 5); do seq $((i*100)) $((i*100+99)); sleep 0.3; done";
  await engine.ok("run", "-d", "--name", "turns", "--network", "none", ...limits, "busybox", "sh", "-c", script);
  const lines = (await docker(["logs", "-f", "turns"])).stdout.trim().split("\n");
  assert.deepEqual([lines.length, lines[0], lines.at(-1)], [500, "100", "599"]);
});

test("stats and top show the container's processes", async () => {
  const stats = JSON.parse(await engine.ok("stats", "--no-stream", "--format", "{{json .}}", "main"));
  assert.match(stats.MemUsage, /^[\d.]+[KM]iB \/ /);
  assert.equal(stats.PIDs, "1");
  const [titles, ...rows] = (await engine.ok("top", "main")).split("\n");
  assert.match(titles ?? "", /^UID +PID +PPID +C +STIME +TTY +TIME +CMD$/);
  assert.equal(rows.length, 1);
  assert.match(rows[0] ?? "", /sleep 600$/);
});

test("a health check's result and its event", async () => {
  const check = ["--health-cmd", "test ! -e /bad", "--health-interval", "200ms", "--health-retries", "2"];
  await engine.ok("run", "-d", "--name", "hc", "--network", "none", ...check, "busybox", "sleep", "600");
  const status = () => engine.ok("inspect", "-f", "{{.State.Health.Status}}", "hc");
  for (const [wanted, then] of [
    ["healthy", "touch"],
    ["unhealthy", "rm"],
    ["healthy", "true"],
  ] as const) {
    for (let i = 0; (await status()) !== wanted; i++) assert.ok(i < 200, `it does not become ${wanted}`);
    await engine.ok("exec", "hc", then, ...(then === "true" ? [] : ["/bad"]));
  }
  const now = String(Math.ceil(Date.now() / 1000));
  const events = await engine.ok(
    "events",
    "--since",
    "0",
    "--until",
    now,
    "-f",
    "event=health_status",
    "--format",
    "{{.Action}}",
  );
  assert.deepEqual(
    events.split("\n"),
    ["healthy", "unhealthy", "healthy"].map((word) => `health_status: ${word}`),
  );
});
