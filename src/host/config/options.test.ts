import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FLAGS } from "./flags.ts";
import { OptionError } from "./option-error.ts";
import { changedOptions, type EngineOptions, readEngineOptions } from "./options.ts";

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
  withFile('{"raw-logs":true,"live-restore":true,"colour":"red"}', (path) =>
    assert.throws(
      () => readEngineOptions(["--config-file", path]),
      /any configuration option: raw-logs, colour; remove them/,
    ),
  );
});

test("what containers get that say nothing can be set by flags and by daemon.json's keys, which are built otherwise", () => {
  const wanted = {
    dns: ["192.0.2.1"],
    dnsOptions: ["ndots:2"],
    dnsSearch: ["example.test"],
    defaults: {
      ulimits: [{ Name: "nofile", Soft: 1024, Hard: 2048 }],
      shmSize: 134217728,
      ipcMode: "shareable",
      cgroupnsMode: "private",
      init: true,
      noNewPrivileges: true,
    },
    ip: "127.0.0.1",
    icc: false,
    mtu: 1400,
    addressPools: [{ base: "10.200.0.0/16", prefixLength: 24 }],
    labels: ["rack=4"],
  };
  const flags =
    "--dns 192.0.2.1 --dns-opt ndots:2 --dns-search example.test --default-ulimit nofile=1024:2048 --default-shm-size 128m --default-ipc-mode shareable --default-cgroupns-mode private --init --no-new-privileges --ip 127.0.0.1 --icc false --mtu 1400 --default-address-pool base=10.200.0.0/16,size=24 --label rack=4";
  const { dns, dnsOptions, dnsSearch, defaults, ip, icc, mtu, addressPools, labels } = optionsOf(flags.split(" "));
  assert.deepEqual({ dns, dnsOptions, dnsSearch, defaults, ip, icc, mtu, addressPools, labels }, wanted);
  const file = {
    dns: wanted.dns,
    "dns-opts": wanted.dnsOptions,
    "dns-search": wanted.dnsSearch,
    "default-ulimits": { nofile: { Name: "nofile", Soft: 1024, Hard: 2048 } },
    "default-shm-size": "128M",
    "default-ipc-mode": "shareable",
    "default-cgroupns-mode": "private",
    init: true,
    "no-new-privileges": true,
    ip: "127.0.0.1",
    icc: false,
    mtu: 1400,
    "default-address-pools": [{ base: "10.200.0.0/16", size: 24 }],
    labels: wanted.labels,
  };
  withFile(JSON.stringify(file), (path) =>
    assert.deepEqual(optionsOf(["--config-file", path]), { ...optionsOf([]), ...wanted }),
  );
});

for (const [content, text] of [
  ['{"default-ulimits":{"nofile":5}}', /default-ulimits must be an object as/],
  ['{"default-ulimits":{"x":{"Soft":5,"Hard":5}}}', /--default-ulimit: invalid ulimit type: x/],
  ['{"default-address-pools":["10.0.0.0/8"]}', /default-address-pools must be a list as/],
  ['{"default-address-pools":[{"base":"10.0.0.0/24","size":16}]}', /from 24 to 30/],
  ['{"default-shm-size":"big"}', /--default-shm-size: invalid size: 'big'/],
  ['{"dns":["example.test"]}', /--dns: example.test is not an ip address/],
  ['{"mtu":12}', /--mtu 12: a number of bytes from 68 to 65535/],
  ['{"mtu":"1400"}', /mtu must be a number/],
  ['{"labels":["a=1","a=2"]}', /conflict labels for a=2 and a=1/],
  ['{"default-ipc-mode":"host"}', /--default-ipc-mode can be private or shareable, not "host"/],
] as const) {
  test(`${content} is refused with the reason`, () =>
    withFile(content, (path) => assert.throws(() => readEngineOptions(["--config-file", path]), text)));
}

function optionsOf(argv: string[]): EngineOptions {
  const options = readEngineOptions(argv);
  assert.ok(options);
  return options;
}

test("what a reload would change is named", () => {
  const [before, after] = [readEngineOptions([]), readEngineOptions(["-D", "--bip", "10.9.0.1/24"])];
  assert.ok(before && after);
  assert.deepEqual(changedOptions(before, after), ["bip", "logLevel"]);
});

test("docs/configuration.md names every flag, or the key that stands for it", () => {
  const text = readFileSync(join(import.meta.dirname, "../../../docs/configuration.md"), "utf8");
  const missing = Object.entries(FLAGS).filter(([name, flag]) => {
    const keys = "multiple" in flag ? [name, `${name}s`, name.replace(/y$/, "ies")] : [name];
    return !keys.some((key) => new RegExp(`[\`"-]${key}[\`" =]`).test(text));
  });
  assert.deepEqual(
    missing.map(([name]) => name),
    [],
  );
});
