/** A wall clock that is set, forth and back, by much and by little, while containers run. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, makeRoot, plan, scratch, sh } from "../native/harness.ts";
import { projectRoot, startEngine, type TestEngine } from "../support/engine.ts";
import { testProgram } from "../support/programs.ts";
import { patience, until } from "../support/until.ts";
import { call, hostileImage } from "./scene.ts";

const HOUR = 3600;
const NANO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;
const directory = mkdtempSync(join(tmpdir(), "cloche-clock-"));
const offset = join(directory, "offset");
const set = (seconds: number) => writeFileSync(offset, String(seconds));

let engine: TestEngine;
before(async () => {
  set(0);
  const preload = ["env", `LD_PRELOAD=${testProgram("clock")}`, `CLOCK_OFFSET=${offset}`];
  engine = await startEngine([], preload);
  await hostileImage(engine, "hostile");
});
after(async () => {
  await engine?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const none = { NetworkMode: "none" };
async function create(body: object): Promise<string> {
  const { status, text } = await call(engine, "POST", "/containers/create", { Image: "hostile", ...body });
  assert.equal(status, 201, text);
  return JSON.parse(text).Id;
}
const post = (path: string) => call(engine, "POST", path);

test("attack 41: a clock that is set by an hour ends no wait early and makes none longer", async () => {
  const watched = await create({
    Cmd: ["sleep", "1000"],
    HostConfig: none,
    Healthcheck: { Test: ["CMD", "true"], Interval: 200_000_000, Timeout: 10_000_000_000 },
  });
  const stubborn = async () => {
    const id = await create({ Cmd: ["sh", "-c", "trap '' TERM; while true; do sleep 1; done"], HostConfig: none });
    await post(`/containers/${id}/start`);
    return id;
  };
  await post(`/containers/${watched}/start`);
  const probes = async () => {
    const { State } = JSON.parse((await call(engine, "GET", `/containers/${watched}/json`)).text);
    return State.Health.Log.map(({ Start }: { Start: string }) => Start).join();
  };
  for (const seconds of [HOUR, 0, -HOUR, 0]) {
    const id = await stubborn();
    const waits = post(`/containers/${id}/wait`);
    const begun = performance.now();
    const stops = post(`/containers/${id}/stop?t=2`);
    set(seconds);
    assert.equal((await stops).status, 204);
    const took = performance.now() - begun;
    assert.ok(took > 1500 && took < 30_000 * patience, `stopped after ${took} ms, with a clock of ${seconds} s`);
    assert.equal(JSON.parse((await waits).text).StatusCode, 137);
    const before = await probes();
    await until(async () => (await probes()) !== before, { what: `health is asked for at ${seconds} s` });
  }
});

test("attack 41: events keep their order when the clock leaps back, and follow it when it is set", async () => {
  const since = Math.floor(Date.now() / 1000) - 1;
  const id = await create({ Cmd: ["true"], HostConfig: none });
  const steps: [number, string][] = [
    [0, "one"],
    [-0.4, "two"],
    [-0.8, "three"],
    [HOUR, "four"],
    [0, "five"],
    [-HOUR, "six"],
  ];
  for (const [seconds, name] of steps) {
    set(seconds);
    assert.equal((await post(`/containers/${id}/rename?name=${name}`)).status, 204);
  }
  set(0);
  const filters = encodeURIComponent(JSON.stringify({ event: ["rename"] }));
  const range = `since=${since - 2 * HOUR}&until=${since + 2 * HOUR}`;
  // A query that lasts until the end of its range is not waited for.
  set(3 * HOUR);
  const { text } = await call(engine, "GET", `/events?${range}&filters=${filters}`);
  set(0);
  const events = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ Actor }) => Actor.Attributes.name),
    steps.map(([, name]) => name),
  );
  const [one = 0n, two = 0n, three = 0n, four = 0n, five = 0n, six = 0n] = [...text.matchAll(/"timeNano":(\d+)/g)].map(
    ([, nano]) => BigInt(nano ?? 0),
  );
  assert.ok(one < two && two < three && three < four, "a leap of less than a second is not seen");
  const hour = BigInt(HOUR - 60) * 1_000_000_000n;
  assert.ok(four - five > hour && five - six > hour, "a clock that is set back by an hour is believed");
});

test("attack 41: times of a container are well formed, whatever the clock did in its life", async () => {
  set(HOUR);
  const id = await create({ Cmd: ["sh", "-c", "echo line; sleep 1"], HostConfig: none });
  await post(`/containers/${id}/start`);
  set(-HOUR);
  await post(`/containers/${id}/wait`);
  const { State, Created } = JSON.parse((await call(engine, "GET", `/containers/${id}/json`)).text);
  for (const time of [Created, State.StartedAt, State.FinishedAt]) assert.match(time, NANO);
  assert.equal((await engine.docker("ps", "-a")).code, 0);
  const logs = await call(engine, "GET", `/containers/${id}/logs?stdout=1&timestamps=1&tail=all`);
  assert.match(logs.text, / line\n$/);
  set(0);
});

test("attack 41: lines of a log keep their order when the clock leaps back, and follow it when it is set", async (t) => {
  if (spawnSync("cc", ["--version"]).error) return t.skip("no compiler");
  const here = scratch(t);
  const sources = globSync("native/*.c", { cwd: projectRoot }).map((name) => join(projectRoot, name));
  const launcher = join(here, "launcher");
  const flags = ["-D_GNU_SOURCE", "-O1", "-static", "-Wl,--wrap=clock_gettime", `-DOFFSET_FILE="${offset}"`];
  execFileSync("cc", [...flags, "-o", launcher, ...sources, join(projectRoot, "tests/attacks/clock.c")]);
  const root = makeRoot(here);
  const path = join(here, "log.json");
  const lines = () => (existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : []);
  const log = { op: "log_json", path, maxSize: 0, maxFiles: 1, compress: false, attrs: "" } as const;
  const steps = [0, -0.4, -0.8, HOUR, 0, -HOUR];
  set(0);
  const waits = steps.map((_, i) => `echo ${i}; while [ ! -e /tmp/${i} ]; do usleep 10000; done`).join("; ");
  const run = launch(plan({ root, argv: sh(waits), launcher: [log] }), launcher);
  for (const [i] of steps.entries()) {
    await until(() => lines().length === i + 1, { what: `line ${i} is written` });
    set(steps[i + 1] ?? 0);
    writeFileSync(join(root, "tmp", String(i)), "");
  }
  await run.status;
  const times = lines().map((line): string => JSON.parse(line).time);
  for (const time of times) assert.match(time, NANO);
  const nanos = times.map(nano);
  const [one = 0n, two = 0n, three = 0n, four = 0n, five = 0n, six = 0n] = nanos;
  assert.ok(one < two && two < three && three < four, "a leap of less than a second is not seen");
  const hour = BigInt(HOUR - 60) * 1_000_000_000n;
  assert.ok(four - five > hour && five - six > hour, "a clock that is set back by an hour is believed");
});

/** RFC 3339 with up to nine digits, in nanoseconds. */
function nano(time: string): bigint {
  const [whole = "", fraction = ""] = time.slice(0, -1).split(".");
  return BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
