/** /metrics against the kernel's files, on the socket and on TCP. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { projectRoot, startEngine, type TestEngine } from "../support/engine.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine(["--metrics-addr", "127.0.0.1:0"]);
  await importBusybox(engine);
  await engine.ok("run", "-d", "--name", "box", "-m", "64m", "busybox", "sleep", "600");
});
after(() => engine?.stop());

const get = (options: object): Promise<{ status: number; type: string; body: string }> =>
  new Promise((resolve, reject) => {
    request({ path: "/metrics", agent: false, ...options }, (reply) => {
      text(reply).then(
        (body) => resolve({ status: reply.statusCode ?? 0, type: reply.headers["content-type"] ?? "", body }),
        reject,
      );
    })
      .on("error", reject)
      .end();
  });

/** name{labels} value */
function seriesOf(body: string, name: string, labels = ""): number {
  const line = body.split("\n").find((it) => it.startsWith(`${name}{`) && it.includes(labels)) ?? "";
  assert.notEqual(line, "", `${name} with ${labels}`);
  return Number(line.slice(line.lastIndexOf(" ") + 1));
}

test("a container's series are what the kernel counts, with its name, id and image", async () => {
  const id = await engine.ok("inspect", "-f", "{{.Id}}", "box");
  const { status, type, body } = await get({ socketPath: engine.socket });
  assert.deepEqual([status, type.split(";")[0]], [200, "text/plain"]);
  const box = `id="${id}",name="box",image="busybox"`;
  assert.equal(seriesOf(body, "container_spec_memory_limit_bytes", box), 64 * 1024 * 1024);
  assert.equal(seriesOf(body, "container_threads", box), 1);
  assert.ok(seriesOf(body, "container_cpu_usage_seconds_total", box) > 0);
  assert.ok(
    seriesOf(body, "container_memory_working_set_bytes", box) <= seriesOf(body, "container_memory_usage_bytes", box),
  );
  const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", "box");
  const device =
    readFileSync(`/proc/${pid}/net/dev`, "utf8")
      .split("\n")
      .find((line) => line.includes("eth0")) ?? "";
  const received = Number(device.split(":")[1]?.trim().split(/\s+/)[0]);
  assert.ok(seriesOf(body, "container_network_receive_bytes_total", `interface="eth0"`) <= received + 10_000);
  assert.match(body, /^# TYPE container_cpu_usage_seconds_total counter$/m);
  // Every line is one that Prometheus can read.
  for (const line of body.split("\n").filter((it) => it !== "" && !it.startsWith("#")))
    assert.match(line, /^[a-z_]+(\{([a-z_]+="(\\.|[^"\\])*",?)*\})? [0-9.e+-]+$/);
});

test("starts and failures are counted, and how long they took", async () => {
  const counts = (body: string) =>
    [
      "cloche_container_starts_total",
      "cloche_container_start_failures_total",
      "cloche_container_start_seconds_count",
    ].map((name) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(body)?.[1]));
  const before = counts((await get({ socketPath: engine.socket })).body);
  await engine.ok("run", "--rm", "busybox", "true");
  await engine.docker("run", "--rm", "busybox", "/no/such/program");
  const { body } = await get({ socketPath: engine.socket });
  assert.deepEqual(
    counts(body),
    before.map((value) => value + 1),
  );
  assert.match(body, /^cloche_container_start_seconds_bucket\{le="\+Inf"\} \d+$/m);
  assert.match(body, /^cloche_containers\{state="running"\} 1$/m);
});

test("series of a container that has ended are gone", async () => {
  await engine.ok("run", "-d", "--name", "brief", "busybox", "sleep", "600");
  assert.match((await get({ socketPath: engine.socket })).body, /name="brief"/);
  await engine.ok("rm", "-f", "brief");
  assert.doesNotMatch((await get({ socketPath: engine.socket })).body, /name="brief"/);
});

test("on TCP there is that page alone, for those who ask a loopback name", async () => {
  const port = Number(/metrics at http:\/\/127\.0\.0\.1:(\d+)\/metrics/.exec(engine.log())?.[1]);
  const there = { host: "127.0.0.1", port };
  assert.match((await get(there)).body, /^cloche_engine_info\{version=/m);
  assert.equal((await get({ ...there, path: "/containers/json" })).status, 404);
  assert.equal((await get({ ...there, method: "POST" })).status, 405);
  assert.equal((await get({ ...there, headers: { Host: "evil.example" } })).status, 403);
});

test("another address than loopback is refused with cause and cure", () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(projectRoot, "src/main.ts"), "--metrics-addr", "0.0.0.0:9323"],
    {
      encoding: "utf8",
    },
  );
  assert.equal(status, 125);
  assert.match(stderr, /loopback addresses only; take 127\.0\.0\.1:PORT/);
});
