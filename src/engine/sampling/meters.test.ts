import assert from "node:assert/strict";
import { test } from "node:test";
import type { SamplesMessage } from "../../wire/glass.ts";
import type { Container } from "../containers/container.ts";
import { sampleTexts } from "../glass/live/sample-texts.ts";
import type { CgroupSample, NetworkCounters } from "../ports.ts";
import { createMeters } from "./meters.ts";

const cgroup: CgroupSample = {
  cpu: { total: 1e9, user: 0, system: 0, periods: 0, throttledPeriods: 0, throttledTime: 0 },
  memory: { usage: 1000, limit: 4000, stats: { anon: 500 } },
  pids: { current: 1 },
  blkio: [],
};
const silent: NetworkCounters = {
  rx_bytes: 1,
  rx_packets: 2,
  rx_errors: 0,
  rx_dropped: 0,
  tx_bytes: 3,
  tx_packets: 4,
  tx_errors: 0,
  tx_dropped: 0,
};

/** One container, a second between its samples. */
function oneContainer() {
  const is = { cgroup, outside: silent, at: 0, memory: 8000 };
  const record = {
    id: "c1",
    cgroupPath: "/docker/c1",
    hostConfig: { NanoCpus: 0, CpuQuota: 0, CpuPeriod: 0 },
    state: { status: "running", startedAt: "2026-01-01T00:00:00Z", process: { pid: 7, startTime: 1 } },
    endpoints: [{ hostInterface: "veth1", interfaceName: "eth0" }],
  };
  const container = { record } as unknown as Container;
  const meters = createMeters({
    cgroups: { meter: () => ({ read: () => is.cgroup, everything() {}, close() {} }) },
    host: {
      now: () => assert.fail(),
      cpu: () => assert.fail(),
      interfaces: () => assert.fail(),
      networkCounters: () => assert.fail("its own network was looked into"),
      memory: () => is.memory,
    },
    clock: { monotonic: () => is.at },
    now: () => is.at,
    log: (message) => assert.fail(message),
  });
  return {
    is,
    next() {
      is.at += 1000;
      const sample = meters.sample(container, {
        cpu: { total: 0, idle: 0, online: 2 },
        interfaces: { veth1: is.outside },
      });
      assert.ok(sample);
      return sample;
    },
  };
}

test("a container that rests has the same parts in each sample, at another time, and rates of nothing", () => {
  const { next } = oneContainer();
  next();
  const second = next();
  const third = next();
  assert.equal(second.cpu.cores, 0);
  assert.equal(second.network?.receivedRate, 0);
  assert.equal(third.at, second.at + 1000);
  assert.equal(third.cpu, second.cpu);
  assert.equal(third.memory, second.memory);
  assert.equal(third.network, second.network);
});

test("work, packets and memory that was plugged in are seen after a rest, and the rates that follow are right", () => {
  const { is, next } = oneContainer();
  for (let i = 0; i < 3; i++) next();
  is.cgroup = { ...cgroup, cpu: { ...cgroup.cpu, total: 1.5e9 } };
  assert.equal(next().cpu.cores, 0.5);
  assert.equal(next().cpu.cores, 0);
  assert.equal(next().cpu.usage, 1.5e9);
  is.outside = { ...silent, tx_bytes: 103 };
  assert.equal(next().network?.receivedRate, 100);
  assert.equal(next().network?.receivedRate, 0);
  assert.equal(next().network?.received, 103);
  is.memory = 16_000;
  assert.equal(next().memory.ofHost, 6.25);
});

test("the text of a tick is its JSON, also of containers that rest, work again, come and go", () => {
  const { is, next } = oneContainer();
  const textOf = sampleTexts();
  const tell = (containers: SamplesMessage["containers"]) => {
    const tick: SamplesMessage = {
      at: is.at,
      host: { at: is.at, cpus: 2, memory: { total: 2, available: 1 }, load: [0, 0, 0] },
      containers,
    };
    assert.deepEqual(JSON.parse(textOf(tick)), JSON.parse(JSON.stringify(tick)));
  };
  for (let i = 0; i < 3; i++) tell([next()]);
  is.cgroup = { ...cgroup, pids: { current: 2 } };
  tell([next()]);
  tell([next(), { ...next(), id: 'quoted "name"' }]);
  tell([]);
  tell([next()]);
});
