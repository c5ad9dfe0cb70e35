/** Restart policies and the engine's own restart, on fakes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { aRecord } from "../../src/engine/containers/fixtures.ts";
import { createWorld, settled } from "./fakes.ts";

const policy = (Name: string, MaximumRetryCount = 0) => ({
  HostConfig: { RestartPolicy: { Name, MaximumRetryCount } },
});

test("always: restarted with delays that double, until somebody stops it", async () => {
  const world = createWorld();
  const id = await world.create(policy("always"), "one");
  await world.containers.start("one");
  for (const delay of [100, 200, 400]) {
    world.process(id).end({ exitCode: 0 });
    await settled();
    assert.equal((await world.inspect("one")).State.Status, "restarting");
    assert.equal(world.clock.nextDelay(), delay);
    await world.clock.advance(delay);
    assert.equal((await world.inspect("one")).State.Status, "running");
  }
  assert.equal((await world.inspect("one")).RestartCount, 3);
  world.process(id).end({ exitCode: 0 });
  await settled();
  await world.containers.stop("one", {});
  assert.equal((await world.inspect("one")).State.Status, "exited");
  assert.equal(world.clock.nextDelay(), undefined);
});

test("a run of ten seconds begins with the shortest delay again", async () => {
  const world = createWorld();
  const id = await world.create(policy("always"), "one");
  await world.containers.start("one");
  world.process(id).end({});
  await settled();
  await world.clock.advance(100);
  await world.clock.advance(10_000);
  world.process(id).end({});
  await settled();
  assert.equal(world.clock.nextDelay(), 100);
});

test("on-failure: only after failures, and not more often than asked; wait returns at the final end", async () => {
  const world = createWorld();
  const id = await world.create(policy("on-failure", 1), "one");
  await world.containers.start("one");
  const { exit } = world.containers.wait("one", "not-running");
  world.process(id).end({ exitCode: 2 });
  await settled();
  await world.clock.advance(100);
  world.process(id).end({ exitCode: 4 });
  assert.deepEqual(await exit, { exitCode: 4 });
  await settled();
  assert.deepEqual((await world.inspect("one")).State.Status, "exited");
});

test("kill keeps the policy from starting it again", async () => {
  const world = createWorld();
  await world.create(policy("always"), "one");
  await world.containers.start("one");
  await world.containers.kill("one", "");
  await settled();
  assert.equal((await world.inspect("one")).State.Status, "exited");
});

test("a new engine finds what runs, follows it to its end, and stops it", async () => {
  const first = createWorld();
  const id = await first.create({}, "one");
  await first.containers.start("one");
  const record = first.store.find("one").record;

  const second = createWorld({ stored: [record] });
  second.deps.launcher.connect = first.deps.launcher.connect;
  second.deps.launcher.readExitRecord = first.deps.launcher.readExitRecord;
  second.runtime.add(id);
  const found = await second.containers.recover();
  assert.deepEqual(
    found.map(({ record: { name } }) => name),
    ["one"],
  );
  assert.equal((await second.inspect("one")).State.Pid, record.state.process?.pid);
  const stopped = second.containers.stop("one", {});
  await settled();
  assert.deepEqual(first.process(id).signals, [15]);
  first.process(id).end({ exitCode: 9, counters: { oom_kill: 1 } });
  await stopped;
  const { State } = await second.inspect("one");
  assert.deepEqual([State.Status, State.ExitCode, State.OOMKilled], ["exited", 9, true]);
});

test("a new engine learns the exit code of what ended meanwhile", async () => {
  const record = running("a");
  const world = createWorld({ stored: [record] });
  world.exitRecords.set(record.id, { exitCode: 7, signal: 0, counters: {}, finishedAt: "2026-01-01T00:00:05Z" });
  world.runtime.add(record.id);
  await world.containers.recover();
  const { State } = await world.inspect("a");
  assert.deepEqual([State.Status, State.ExitCode, State.FinishedAt], ["exited", 7, "2026-01-01T00:00:05Z"]);
  assert.deepEqual(world.actions(), ["die"]);
  assert.deepEqual([...world.runtime], []);
});

test("a new engine clears what a half-made start left", async () => {
  const record = aRecord({ name: "half" });
  const world = createWorld({ stored: [record] });
  world.runtime.add(record.id);
  world.runtime.add("f".repeat(64));
  await world.containers.recover();
  assert.deepEqual([...world.runtime], []);
  assert.ok(world.log.includes(`release network ${record.id}`));
});

test("a new engine starts always and unless-stopped, but not what was stopped or never ran", async () => {
  const exited = (name: string, Name: "always" | "unless-stopped" | "no", stoppedByUser: boolean) => {
    const record = running(name);
    record.state = { ...record.state, status: "exited" };
    record.state.process = undefined;
    record.hostConfig.RestartPolicy = { Name, MaximumRetryCount: 0 };
    record.stoppedByUser = stoppedByUser;
    return record;
  };
  const never = aRecord({ id: "9".repeat(64), name: "never" });
  never.hostConfig.RestartPolicy = { Name: "always", MaximumRetryCount: 0 };
  const world = createWorld({
    stored: [
      exited("a", "always", true),
      exited("b", "unless-stopped", false),
      exited("c", "unless-stopped", true),
      exited("d", "no", false),
      never,
    ],
  });
  await world.containers.recover();
  await settled();
  const running_ = world.store.all().filter(({ record }) => record.state.status === "running");
  assert.deepEqual(running_.map(({ record }) => record.name).sort(), ["a", "b"]);
});

function running(name: string) {
  const record = aRecord({ id: name.charCodeAt(0).toString(16).padStart(64, "0"), name });
  record.state = {
    ...record.state,
    status: "running",
    process: { pid: 4711, startTime: 1 },
    startedAt: "2026-01-01T00:00:00Z",
  };
  return record;
}
