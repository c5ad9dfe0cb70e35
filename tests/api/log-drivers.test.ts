/** Log drivers and their options, as a user of the docker CLI sees them. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { readText, startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine(["--log-opt", "max-size=5m"]);
  await importBusybox(engine);
});
after(() => engine.stop());

const run = (...args: string[]) => engine.docker("run", "--rm", "--network", "none", ...args);

/** Names of a container's log files without the container's id. */
async function logFiles(name: string): Promise<string[]> {
  const path = await engine.ok("inspect", "-f", "{{.LogPath}}", name);
  return readdirSync(dirname(path))
    .filter((file) => file.includes("-json.log"))
    .map((file) => file.replace(/^.*-json\.log/, "log"))
    .sort();
}

test("labels, variables and a tag are in each line's details", async () => {
  const chosen = ["--log-opt", "labels=q", "--log-opt", "labels-regex=^com", "--log-opt", "env=ZED", "--log-opt"];
  const given = ["--label", "q=1", "--label", "com.x=2", "--label", "no=3", "-e", "ZED=1", "-e", "NO=2"];
  await engine.ok(
    "run",
    "--name",
    "details",
    "--network",
    "none",
    ...chosen,
    "tag={{.Name}}/{{.ImageName}}",
    ...given,
    "busybox",
    "echo",
    "hi",
  );
  assert.equal(await engine.ok("logs", "--details", "details"), "ZED=1,com.x=2,q=1,tag=details%2Fbusybox hi");
});

/** Writes 50 lines when the file go1 is there, 50 more at go2. */
const TALK =
  "i=0; for go in 1 2; do until [ -e /in/go$go ]; do usleep 20000; done; n=0; " +
  'while [ $n -lt 50 ]; do echo "line $i"; i=$((i+1)); n=$((n+1)); done; done; sleep 1000';

async function talker(name: string): Promise<{ go: (number: 1 | 2) => void; path: string }> {
  const signals = join(engine.directory, name);
  mkdirSync(signals);
  const options = ["max-size=1k", "max-file=4", "compress=true"].flatMap((option) => ["--log-opt", option]);
  const volume = ["-v", `${signals}:/in`];
  await engine.ok("run", "-d", "--name", name, "--network", "none", ...options, ...volume, "busybox", "sh", "-c", TALK);
  const path = await engine.ok("inspect", "-f", "{{.LogPath}}", name);
  return { go: (number) => writeFileSync(join(signals, `go${number}`), ""), path };
}

const allPacked = (name: string) =>
  until(async () => (await logFiles(name)).join() === "log,log.1.gz,log.2.gz,log.3.gz", {
    what: () => "all rotated files are compressed",
  });

async function readsToTheEnd(name: string): Promise<void> {
  const lines = (await engine.ok("logs", name)).split("\n");
  assert.ok(lines.length > 25);
  assert.deepEqual(
    lines,
    lines.map((_, i) => `line ${100 - lines.length + i}`),
  );
}

test("rotated files are compressed while the container runs, and read", async () => {
  const { go } = await talker("packed");
  go(1);
  await until(async () => (await logFiles("packed")).includes("log.1.gz"), { what: () => "a file is compressed" });
  go(2);
  await until(async () => (await engine.ok("logs", "--tail", "1", "packed")) === "line 99", {
    what: () => "all is said",
  });
  await allPacked("packed");
  await readsToTheEnd("packed");
});

test("an engine that comes back compresses what was rotated without it", async () => {
  const { go, path } = await talker("alone");
  await engine.crash();
  go(1);
  go(2);
  await until(async () => readText(path).includes("line 99"), { what: () => "all is said" });
  assert.ok(!readdirSync(dirname(path)).some((file) => file.endsWith(".gz")));
  await engine.restart();
  await allPacked("alone");
  await readsToTheEnd("alone");
});

test("local: its own defaults, read as json-file is, no path shown", async () => {
  await engine.ok("run", "--name", "local", "--network", "none", "--log-driver", "local", "busybox", "echo", "hi");
  assert.equal(await engine.ok("logs", "local"), "hi");
  assert.equal(
    await engine.ok("inspect", "-f", "{{.LogPath}} {{json .HostConfig.LogConfig}}", "local"),
    ' {"Type":"local","Config":{}}',
  );
});

test("none: nothing is kept", async () => {
  await engine.ok("run", "--name", "none", "--network", "none", "--log-driver", "none", "busybox", "echo", "hi");
  assert.match((await engine.docker("logs", "none")).stderr, /configured logging driver does not support reading/);
});

test("the engine's options are those of containers that ask for the same driver", async () => {
  await engine.ok("create", "--name", "defaults", "--log-opt", "max-file=2", "busybox");
  assert.equal(
    await engine.ok("inspect", "-f", "{{json .HostConfig.LogConfig}}", "defaults"),
    '{"Type":"json-file","Config":{"max-file":"2","max-size":"5m"}}',
  );
  assert.equal(await engine.ok("info", "-f", "{{.LoggingDriver}}"), "json-file");
});

for (const [options, reason] of [
  ["--log-driver=syslogd", 'error looking up logging plugin syslogd: plugin "syslogd" not found'],
  ["--log-opt=colour=red", "unknown log opt 'colour' for json-file log driver"],
  ["--log-driver=local --log-opt=tag=x", "unknown log opt 'tag' for log driver local"],
  ["--log-opt=mode=x", "logger: logging mode not supported: x"],
  ["--log-opt=max-file=0", "failed to initialize logging driver: max-file cannot be less than 1"],
  ["--log-opt=max-size=x", "failed to initialize logging driver: invalid size: 'x'"],
  [
    "--log-opt=compress=x --log-opt=max-file=2",
    'failed to initialize logging driver: strconv.ParseBool: parsing "x": invalid syntax',
  ],
  [
    "--log-opt=compress=true",
    "failed to initialize logging driver: compress cannot be true when max-file is less than 2 or max-size is not set",
  ],
  [
    "--log-driver=local --log-opt=max-file=1",
    "failed to initialize logging driver: compression cannot be enabled when max file count is 1",
  ],
  ["--log-opt=tag={{.Foo}}", "can't evaluate field Foo in type *logger.Info"],
] as const) {
  test(`${options} is refused in docker's words`, async () => {
    const { code, stderr } = await run(...options.split(" "), "busybox", "true");
    assert.equal(code, 125);
    assert.ok(stderr.includes(reason), stderr);
  });
}
