import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeReply, streamContentType } from "../../src/api/older-clients.ts";
import { emptyStatsJson, statsJson } from "../../src/engine/containers/stats-shape.ts";
import type { Reading } from "../../src/engine/sampling/to-sample.ts";
import { engineInfo, type InfoDeps } from "../../src/engine/system/info.ts";
import { parseFilters } from "../../src/wire/filters.ts";
import { parseTimeParameter, rfc3339ToNano } from "../../src/wire/timestamps.ts";
import { fakeContainer, fakeStore } from "./fakes.ts";

const infoDeps = (): InfoDeps => {
  const states = ["running", "paused", "exited", "created"] as const;
  const containers = states.map((status, i) => {
    const container = fakeContainer({ id: String(i).repeat(64) });
    container.record.state.status = status;
    return container;
  });
  return {
    store: fakeStore(...containers),
    imageCount: () => 3,
    eventListeners: () => 0,
    now: () => "2026-01-02T03:04:05Z",
    host: {
      hostname: "h",
      kernelVersion: "6",
      operatingSystem: "Linux",
      osVersion: "1",
      machine: "x86_64",
      cpus: 2,
      memory: 1000,
      ipv4Forwarding: false,
      backingFilesystem: "extfs",
      apparmor: false,
    },
    cgroups: {
      driver: "systemd",
      layout: { version: "v2", mountpoint: "/sys/fs/cgroup", controllers: ["cpu", "memory", "cpuset"] },
    },
    settings: {
      engineId: "id",
      version: "0.1.0",
      dataRoot: "/d",
      registryMirrors: ["http://mirror"],
      insecureRegistries: ["10.0.0.0/8", "reg:5000"],
      labels: [],
      loggingDriver: "json-file",
      userNamespaces: false,
      debug: false,
    },
  };
};

test("info counts containers, and warns of what the host lacks", async () => {
  const info = (await engineInfo(infoDeps())) as Record<string, unknown>;
  assert.deepEqual(
    [info.Containers, info.ContainersRunning, info.ContainersPaused, info.ContainersStopped, info.Images],
    [4, 1, 1, 2, 3],
  );
  assert.deepEqual([info.PidsLimit, info.MemoryLimit, info.CgroupVersion], [false, true, "2"]);
  assert.deepEqual(info.Warnings, ["WARNING: No pids limit support", "WARNING: IPv4 forwarding is disabled"]);
});

test("older clients get the shapes of their time", async () => {
  const info = await engineInfo(infoDeps());
  const of = (minor: number) => shapeReply("GET /info", minor, info) as Record<string, unknown>;
  assert.equal("BridgeNfIptables" in of(51), false);
  assert.equal(of(49).BridgeNfIptables, true);
  assert.equal("KernelMemory" in of(42), false);
  assert.equal(of(41).KernelMemory, false);
  assert.deepEqual(of(24).SecurityOptions, ["seccomp", "cgroupns"]);
  const image = { Id: "x", Size: 5 };
  assert.deepEqual(shapeReply("GET /images/json", 43, [image]), [{ VirtualSize: 5, ...image }]);
  assert.deepEqual(shapeReply("GET /images/json", 44, [image]), [image]);
  const container = {
    Id: "a".repeat(64),
    Config: { Hostname: "host" },
    NetworkSettings: { Networks: { mine: { Aliases: ["db"] }, bridge: { Aliases: null } } },
  };
  const shaped = shapeReply("GET /containers/:id/json", 44, container) as typeof container;
  assert.deepEqual(shaped.NetworkSettings.Networks, {
    mine: { Aliases: ["db", "aaaaaaaaaaaa", "host"] },
    bridge: { Aliases: null },
  });
  assert.equal(streamContentType("application/vnd.docker.multiplexed-stream", 41), "application/vnd.docker.raw-stream");
});

const sample: Omit<Reading, "monotonic"> = {
  at: Date.parse("2026-01-02T03:04:05Z"),
  cgroup: {
    cpu: { total: 100, user: 60, system: 40, periods: 1, throttledPeriods: 2, throttledTime: 3 },
    memory: { usage: 50, limit: 2 ** 62, stats: { file: 7, inactive_file: 3 } },
    pids: { current: 4 },
    blkio: [{ op: "Read", major: 8, minor: 0, bytes: 512, ios: 1 }],
  },
  hostCpu: { total: 1000, online: 2 },
  networks: {},
};

test("stats: what clients compute with is there on both cgroup versions", () => {
  type Stats = Record<string, Record<string, unknown>>;
  const v2 = statsJson({ id: "i", name: "n" }, sample, sample, { version: "v2", memoryTotal: 1000 }) as Stats;
  assert.equal(v2.read, "2026-01-02T03:04:05.000Z");
  assert.equal(v2.memory_stats?.limit, 1000);
  assert.deepEqual(v2.memory_stats?.stats, { cache: 7, file: 7, inactive_file: 3 });
  assert.deepEqual(v2.blkio_stats?.io_service_bytes_recursive, [{ major: 8, minor: 0, op: "read", value: 512 }]);
  assert.equal(v2.blkio_stats?.io_serviced_recursive, null);
  assert.equal(v2.precpu_stats?.system_cpu_usage, 1000);
  assert.equal("networks" in v2, false);
  const v1 = statsJson({ id: "i", name: "n" }, sample, undefined, { version: "v1", memoryTotal: 1000 }) as Stats;
  assert.deepEqual(v1.blkio_stats?.io_serviced_recursive, [{ major: 8, minor: 0, op: "Read", value: 1 }]);
  assert.deepEqual(v1.blkio_stats?.sectors_recursive, []);
  assert.equal(v1.precpu_stats?.system_cpu_usage, undefined);
  assert.equal((emptyStatsJson({ id: "i", name: "n" }) as Stats).read, "0001-01-01T00:00:00Z");
});

test("filters: both forms, and a clear refusal of others", () => {
  assert.deepEqual(parseFilters('{"label":["a","b=c"]}', ["label"]).values("label"), ["a", "b=c"]);
  assert.deepEqual(parseFilters('{"label":{"a":true,"b":false}}', ["label"]).values("label"), ["a"]);
  assert.equal(parseFilters(undefined, []).has("label"), false);
  for (const text of ["xx", "[]", '{"label":1}', '{"label":[1]}', "null"]) {
    assert.throws(() => parseFilters(text, ["label"]), /invalid filter/, text);
  }
  assert.throws(() => parseFilters('{"nope":["a"]}', ["label"]), /invalid filter 'nope'/);
});

test("times: unix with a fraction, RFC3339 with a zone, a date; nonsense is refused", () => {
  assert.equal(parseTimeParameter("since", "5.000000002"), 5_000_000_002n);
  assert.equal(parseTimeParameter("since", ""), undefined);
  assert.equal(parseTimeParameter("since", "1970-01-01T01:00:05.25+01:00"), 5_250_000_000n);
  assert.equal(parseTimeParameter("since", "1970-01-02"), 86_400_000_000_000n);
  assert.throws(() => parseTimeParameter("since", "yesterday"), /invalid value for "since"/);
  assert.equal(rfc3339ToNano("no time"), undefined);
});
