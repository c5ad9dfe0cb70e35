/** What the engine's options give containers that say nothing themselves; what a container says goes before it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";

const directory = mkdtempSync(join(tmpdir(), "cloche-defaults-"));
let engine: TestEngine;

before(async () => {
  const file = join(directory, "engine.json");
  const options = {
    dns: ["192.0.2.1"],
    "dns-opts": ["ndots:2"],
    "dns-search": ["example.test"],
    "default-ulimits": {
      nofile: { Name: "nofile", Soft: 1024, Hard: 2048 },
      core: { Name: "core", Soft: 5120, Hard: 6144 },
    },
    "default-shm-size": "128M",
    "default-ipc-mode": "shareable",
    init: true,
    "no-new-privileges": true,
    ip: "127.0.0.1",
    icc: false,
    mtu: 1400,
    "default-address-pools": [{ base: "10.201.0.0/16", size: 24 }],
    labels: ["rack=4"],
  };
  writeFileSync(file, JSON.stringify(options));
  engine = await startEngine(["--config-file", file]);
  await importBusybox(engine);
});
after(async () => {
  await engine?.stop();
  rmSync(directory, { recursive: true });
});

const LOOK =
  "cat /etc/resolv.conf; ulimit -Sn; ulimit -Hn; ulimit -Sc; df -k /dev/shm | tail -1; grep NoNewPrivs /proc/self/status; cat /proc/1/comm; cat /sys/class/net/eth0/mtu";

test("a container that says nothing has what the configuration file says", async () => {
  const seen = (await engine.ok("run", "--rm", "busybox", "sh", "-c", LOOK)).split("\n");
  assert.deepEqual(
    seen.map((line) => line.replace(/\s+/g, " ")),
    [
      "nameserver 192.0.2.1",
      "search example.test",
      "options ndots:2",
      ...["1024", "2048", "10"],
      "shm 131072 0 131072 0% /dev/shm",
      "NoNewPrivs: 1",
      "cloche:init",
      "1400",
    ],
  );
});

test("what it says itself goes before that, limit by limit", async () => {
  const said =
    "--dns 192.0.2.9 --ulimit nofile=77:88 --shm-size 1m --security-opt no-new-privileges=false --init=false";
  const seen = await engine.ok("run", "--rm", ...said.split(" "), "busybox", "sh", "-c", LOOK);
  assert.match(seen, /^nameserver 192\.0\.2\.9\nsearch example\.test\noptions ndots:2\n77\n88\n10\nshm +1024 /);
  assert.match(seen, /NoNewPrivs:\s0\nsh\n/);
});

test("inspect has of the defaults what dockerd's has: mode and size, not the limits and servers", async () => {
  await engine.ok("create", "--name", "plain", "-p", "80", "busybox", "sleep", "100");
  const [{ HostConfig: host }] = JSON.parse(await engine.ok("inspect", "plain"));
  assert.deepEqual([host.IpcMode, host.ShmSize, host.Ulimits, host.Dns], ["shareable", 128 << 20, [], []]);
  await engine.ok("start", "plain");
  const port = await engine.ok("port", "plain");
  assert.match(port, /^80\/tcp -> 127\.0\.0\.1:\d+$/);
});

test("without icc, containers of the default network do not reach each other", async () => {
  await engine.ok("run", "-d", "--name", "quiet", "busybox", "nc", "-l", "-p", "80", "-e", "true");
  const address = await engine.ok("inspect", "--format", "{{.NetworkSettings.IPAddress}}", "quiet");
  const { code } = await engine.docker("run", "--rm", "busybox", "nc", "-w", "1", address, "80");
  assert.equal(code, 1);
  const own = await engine.docker("exec", "quiet", "nc", "-w", "20", address, "80");
  assert.equal(own.code, 0);
});

test("networks are cut from the pool, and the engine tells its labels", async () => {
  await engine.ok("network", "create", "cut");
  const format = "{{range .IPAM.Config}}{{.Subnet}}{{end}}";
  assert.match(await engine.ok("network", "inspect", "--format", format, "cut"), /^10\.201\.\d+\.0\/24$/);
  assert.equal(await engine.ok("info", "--format", "{{json .Labels}}"), '["rack=4"]');
});

test("when the options are gone, the default network has docker's values again", async () => {
  writeFileSync(join(directory, "engine.json"), "{}");
  await engine.crash();
  await engine.restart();
  const { Options } = JSON.parse(await engine.ok("network", "inspect", "--format", "{{json .}}", "bridge"));
  assert.equal(Options["com.docker.network.driver.mtu"], "1500");
  assert.equal(Options["com.docker.network.bridge.host_binding_ipv4"], "0.0.0.0");
});
