/** Bodies and values that no honest client sends. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { alive, call, hostileImage, remove, start } from "./scene.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await hostileImage(engine, "hostile");
});
after(() => engine?.stop());

const create = (body: string | object) => call(engine, "POST", "/containers/create", body);

test("attack 31: bodies that are no JSON, or no JSON of ours, are answered with 400", async () => {
  const bodies = [
    "{",
    "nul",
    "[]",
    '"text"',
    "7",
    "true",
    "{}{}",
    '{"Image":7}',
    '{"Image":{"a":1}}',
    '{"Image":["hostile"]}',
    "[".repeat(1_000_000),
    `{"a":`.repeat(200_000),
    `{"HostConfig":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    '\ufeff{"Image":"hostile"}',
    '{"Image":"hostile","Cmd":[1]}',
    '{"Image":"hostile","Env":"A=1"}',
    '{"Image":"hostile","HostConfig":{"Binds":{"a":"b"}}}',
    '{"Image":"hostile","HostConfig":{"Memory":"1g"}}',
    '{"Image":"hostile","HostConfig":{"PortBindings":[]}}',
    "\u0000",
  ];
  for (const body of bodies) {
    const { status, text } = await create(body);
    assert.equal(status, 400, `${body.slice(0, 60)}: ${status} ${text.slice(0, 200)}`);
  }
  assert.ok(await alive(engine));
});

test("attack 31: values that no container can have are refused at create or start, with their reason", async () => {
  const refused: object[] = [
    { Cmd: ["a\0b"] },
    { Env: ["A=\0"] },
    { Env: ["=x"] },
    { Hostname: "a\nb" },
    { Hostname: "a\0b" },
    { Domainname: "x".repeat(65) },
    { WorkingDir: "/a\0b" },
    { WorkingDir: "relative" },
    { User: "a\0b" },
    { Entrypoint: ["/bin/sh\0"] },
    { StopSignal: "SIGNOPE" },
    { Volumes: { "/a\0b": {} } },
    { HostConfig: { Binds: ["/tmp\0/x:/y"] } },
    { HostConfig: { Binds: ["/tmp:/y\0/z"] } },
    { HostConfig: { Tmpfs: { "/t": "size=1m\0" } } },
    { HostConfig: { Memory: -5 } },
    { HostConfig: { Memory: 1 } },
    { HostConfig: { NanoCpus: -1 } },
    { HostConfig: { CpuPeriod: -1 } },
    { HostConfig: { CpusetCpus: "../../x" } },
    { HostConfig: { ShmSize: -1 } },
    { HostConfig: { CgroupParent: "../../.." } },
    { HostConfig: { CgroupParent: "/a\0b" } },
    { HostConfig: { Sysctls: { "../../kernel/core_pattern": "|/x" } } },
    { HostConfig: { Sysctls: { "kernel.core_pattern": "|/x" } } },
    { HostConfig: { Sysctls: { "net/../kernel/core_pattern": "|/x" } } },
    { HostConfig: { Sysctls: { "net.ipv4.ip_forward\0": "1" } } },
    {
      HostConfig: {
        Devices: [{ PathOnHost: "/dev/null", PathInContainer: "/dev/../../x\0", CgroupPermissions: "rwm" }],
      },
    },
    { HostConfig: { DeviceCgroupRules: ["a *:* rwm\nallow"] } },
    { HostConfig: { ExtraHosts: ["a\nb:1.2.3.4"] } },
    { HostConfig: { Dns: ["1.2.3.4\nsearch x"] } },
    { HostConfig: { Ulimits: [{ Name: "nofile", Soft: 10, Hard: 5 }] } },
    { HostConfig: { SecurityOpt: ['seccomp={"defaultAction":"SCMP_ACT_NOPE"}'] } },
    { HostConfig: { NetworkMode: "container:__proto__" } },
    { HostConfig: { NetworkMode: "__proto__" } },
    { HostConfig: { LogConfig: { Type: "json-file", Config: { "max-file": "-1" } } } },
    { HostConfig: { RestartPolicy: { Name: "__proto__" } } },
    { HostConfig: { PortBindings: { "99999/tcp": [{ HostPort: "1" }] } } },
    { HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "-1" }] } } },
    { HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "1", HostIp: "x; drop" }] } } },
  ];
  const taken: string[] = [];
  for (const options of refused) {
    const { id, status, text } = await start(engine, { Image: "hostile", Cmd: ["true"], ...options });
    if (status < 400 || JSON.parse(text).message === "") taken.push(`${JSON.stringify(options)}: ${status}`);
    else if (status === 500 && id === "") taken.push(`${JSON.stringify(options)}: ${text}`);
    await remove(engine, id);
  }
  assert.deepEqual(taken, []);
});

test("attack 31: prototype names are names", async () => {
  const body = `{"Image":"hostile","Cmd":["true"],"__proto__":{"Tty":true},"Labels":{"__proto__":"a","constructor":"b"},
    "HostConfig":{"__proto__":{"Privileged":true},"NetworkMode":"none","Annotations":{"__proto__":"x"}},
    "ExposedPorts":{"__proto__":{}},"NetworkingConfig":{"EndpointsConfig":{"__proto__":{"Aliases":["x"]}}}}`;
  const made = await create(body);
  if (made.status === 201) {
    const { Id } = JSON.parse(made.text);
    const { text } = await call(engine, "GET", `/containers/${Id}/json`);
    const shown = JSON.parse(text);
    assert.equal(shown.Config.Tty, false);
    assert.equal(shown.HostConfig.Privileged, false);
    await remove(engine, Id);
  } else assert.ok(made.status < 500, made.text);
  for (const filters of [
    '{"__proto__":["x"]}',
    '{"label":{"__proto__":true}}',
    '{"constructor":["x"]}',
    "[".repeat(20_000),
  ]) {
    for (const path of ["/containers/json", "/images/json", "/volumes", "/networks"]) {
      const { status } = await call(engine, "GET", `${path}?filters=${encodeURIComponent(filters)}`);
      assert.ok(status < 500, `${path} ${filters.slice(0, 40)}: ${status}`);
    }
  }
  const volume = await call(
    engine,
    "POST",
    "/volumes/create",
    '{"Name":"proto","Labels":{"__proto__":"x"},"DriverOpts":{"__proto__":"y"}}',
  );
  assert.ok(volume.status < 500, volume.text);
  assert.equal(({} as { Privileged?: boolean }).Privileged, undefined);
  assert.ok(await alive(engine));
});

test("attack 31: large lists cost time in proportion, and the engine serves on", async () => {
  const body = {
    Image: "hostile",
    Cmd: ["true"],
    Env: Array.from({ length: 100_000 }, (_, i) => `A${i}=x`),
    Labels: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`l${i}`, "x"])),
  };
  const [{ id, status, text }, others] = await Promise.all([start(engine, body), alive(engine)]);
  assert.ok(others);
  assert.ok([204, 400].includes(status), `${status} ${text}`);
  await remove(engine, id);
});
