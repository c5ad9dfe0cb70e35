import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { changedOptions, OptionError, readEngineOptions } from "./options.ts";

test("without flags, the defaults are Cloche's own places and docker's cgroup parent", () => {
  const options = readEngineOptions([]);
  assert.deepEqual(options?.hosts, ["unix:///run/cloche/cloche.sock"]);
  assert.equal(options?.dataRoot, "/var/lib/cloche");
  assert.equal(options?.pidfile, "/run/cloche/engine.pid");
  assert.deepEqual([options?.cgroupDriver, options?.cgroupParent], ["", ""]);
  assert.equal(options?.registryLoopbackOnly, false);
});

test("-H can be given several times", () => {
  const options = readEngineOptions(["-H", "unix:///a.sock", "-H", "tcp://127.0.0.1:2375"]);
  assert.deepEqual(options?.hosts, ["unix:///a.sock", "tcp://127.0.0.1:2375"]);
});

for (const [flags, text] of [
  [["--data-root", "relative"], /--data-root must be an absolute path, not "relative"/],
  [["--log-level", "loud"], /unable to parse logging level: loud/],
  [["--nonsense"], /--nonsense/],
  [["--config-file", "/nowhere.json"], /unable to configure the engine with file \/nowhere.json/],
] as const) {
  test(`${flags.join(" ")} is refused with the reason`, () => {
    assert.throws(
      () => readEngineOptions([...flags]),
      (error) => error instanceof OptionError && text.test(error.message),
    );
  });
}

function withFile(content: string, use: (path: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "cloche-options-"));
  try {
    const path = join(directory, "engine.json");
    writeFileSync(path, content);
    use(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("a configuration file has daemon.json's keys", () => {
  withFile('{"hosts":["unix:///x.sock"],"registry-mirrors":["http://127.0.0.1:5000"],"bip":"10.9.0.1/24"}', (path) => {
    const options = readEngineOptions(["--config-file", path]);
    assert.deepEqual(options?.hosts, ["unix:///x.sock"]);
    assert.deepEqual(options?.registryMirrors, ["http://127.0.0.1:5000"]);
    assert.equal(options?.bip, "10.9.0.1/24");
  });
});

test("options of the log driver are pairs, in the file an object", () => {
  const flags = readEngineOptions(["--log-driver", "local", "--log-opt", "max-size=1m", "--log-opt", "max-file=2"]);
  assert.deepEqual([flags?.logDriver, flags?.logOptions], ["local", { "max-size": "1m", "max-file": "2" }]);
  withFile('{"log-driver":"local","log-opts":{"max-file":"2"}}', (path) => {
    const options = readEngineOptions(["--config-file", path]);
    assert.deepEqual([options?.logDriver, options?.logOptions], ["local", { "max-file": "2" }]);
  });
  withFile('{"log-opts":{"max-file":2}}', (path) =>
    assert.throws(() => readEngineOptions(["--config-file", path]), /log-opts must be an object of texts/),
  );
  assert.throws(() => readEngineOptions(["--log-opt", "x"]), /--log-opt takes NAME=VALUE, not "x"/);
});

test("a key given in the file and as a flag is refused, as are unknown and ill-typed ones", () => {
  withFile('{"bip":"10.9.0.1/24"}', (path) =>
    assert.throws(
      () => readEngineOptions(["--config-file", path, "--bip", "10.8.0.1/24"]),
      /bip is given as a flag and in the configuration file/,
    ),
  );
  withFile('{"colour":"red"}', (path) =>
    assert.throws(() => readEngineOptions(["--config-file", path]), /don't match any configuration option: colour/),
  );
  withFile('{"hosts":"unix:///x"}', (path) =>
    assert.throws(() => readEngineOptions(["--config-file", path]), /hosts must be a list of texts/),
  );
});

test("a file written for dockerd can stay as far as it asks for what always holds here; the rest is named at once", () => {
  withFile('{"live-restore":true,"storage-driver":"overlay2","iptables":true,"bip":"10.9.0.1/24"}', (path) =>
    assert.equal(readEngineOptions(["--config-file", path])?.bip, "10.9.0.1/24"),
  );
  withFile('{"live-restore":false}', (path) =>
    assert.throws(
      () => readEngineOptions(["--config-file", path]),
      /live-restore can only be true here: containers always outlive the engine; remove the key/,
    ),
  );
  withFile('{"mtu":1400,"live-restore":true,"colour":"red"}', (path) =>
    assert.throws(
      () => readEngineOptions(["--config-file", path]),
      /any configuration option: mtu, colour; remove them/,
    ),
  );
});

test("what a reload would change is named", () => {
  const [before, after] = [readEngineOptions([]), readEngineOptions(["-D", "--bip", "10.9.0.1/24"])];
  assert.ok(before && after);
  assert.deepEqual(changedOptions(before, after), ["bip", "logLevel"]);
});
