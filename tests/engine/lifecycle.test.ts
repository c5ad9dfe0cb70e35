/** The life of a container, on fakes: states, events, waiters, undo. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LaunchError } from "../../src/engine/ports.ts";
import { createWorld, settled } from "./fakes.ts";

test("a container is created, started, ends, and tells of it", async () => {
  const world = createWorld();
  const id = await world.create({ Cmd: ["sleep", "1"] }, "one");
  assert.equal((await world.inspect("one")).State.Status, "created");
  const { exit } = world.containers.wait("one", "next-exit");
  await world.containers.start("one");
  assert.equal((await world.inspect("one")).State.Running, true);
  world.process(id).end({ exitCode: 3 });
  assert.deepEqual(await exit, { exitCode: 3 });
  const { State } = await world.inspect("one");
  assert.deepEqual([State.Status, State.ExitCode, State.Pid, State.OOMKilled], ["exited", 3, 0, false]);
  assert.deepEqual(world.actions(), ["create", "start", "die"]);
  assert.equal(world.events[2]?.Actor.Attributes.exitCode, "3");
  assert.equal(world.saved.get(id)?.state.status, "exited");
  assert.deepEqual([...world.runtime], []);
});

test("starting twice is not modified, and so is stopping what does not run", async () => {
  const world = createWorld();
  await world.create({}, "one");
  await assert.rejects(world.containers.stop("one", {}), { kind: "not-modified" });
  await world.containers.start("one");
  await assert.rejects(world.containers.start("one"), { kind: "not-modified" });
});

test("OOMKilled is true when any process was killed for memory, whatever PID 1's exit code", async () => {
  const world = createWorld();
  const id = await world.create({}, "one");
  await world.containers.start("one");
  world.process(id).end({ exitCode: 1, counters: { oom_kill: 2 } });
  await settled();
  assert.equal((await world.inspect("one")).State.OOMKilled, true);
  assert.deepEqual(world.actions(), ["create", "start", "oom", "die"]);
});

test("stop sends the stop signal, waits, then kills", async () => {
  const world = createWorld();
  const id = await world.create({ StopSignal: "SIGUSR1", StopTimeout: 4 }, "one");
  await world.containers.start("one");
  const process = world.process(id);
  const stopped = world.containers.stop("one", {});
  await settled();
  assert.deepEqual(process.signals, [10]);
  assert.equal(world.clock.nextDelay(), 4000);
  await world.clock.advance(4000);
  await stopped;
  assert.deepEqual(process.signals, [10, 9]);
  assert.deepEqual(world.actions(), ["create", "start", "kill", "kill", "die", "stop"]);
  assert.equal((await world.inspect("one")).State.ExitCode, 137);
});

test("a container that ends in time is not killed, and its network is free when stop returns", async () => {
  const world = createWorld();
  const id = await world.create({}, "one");
  await world.containers.start("one");
  const process = world.process(id);
  const stopped = world.containers.stop("one", {});
  await settled();
  process.end({ exitCode: 0 });
  await stopped;
  assert.deepEqual(process.signals, [15]);
  assert.ok(world.log.includes(`release network ${id}`));
  assert.equal(world.clock.nextDelay(), undefined);
});

test("kill reaches a container that a stop is waiting for", async () => {
  const world = createWorld();
  await world.create({}, "one");
  await world.containers.start("one");
  const stopped = world.containers.stop("one", { timeout: -1 });
  await settled();
  await world.containers.kill("one", "KILL");
  await stopped;
  assert.equal((await world.inspect("one")).State.Running, false);
});

test("an unknown signal is refused with docker's text, a container that does not run too", async () => {
  const world = createWorld();
  const id = await world.create({}, "one");
  await assert.rejects(world.containers.kill("one", "FOO"), { kind: "invalid", message: "invalid signal: FOO" });
  await assert.rejects(world.containers.kill("one", "9"), {
    kind: "conflict",
    message: `cannot kill container: one: container ${id} is not running`,
  });
});

test("a paused container can be stopped and removed: it is thawed", async () => {
  const world = createWorld();
  await world.create({}, "one");
  await world.containers.start("one");
  await world.containers.pause("one");
  assert.equal((await world.inspect("one")).State.Paused, true);
  await assert.rejects(world.containers.pause("one"), { kind: "conflict" });
  await assert.rejects(world.containers.start("one"), {
    kind: "conflict",
    message: "cannot start a paused container, try unpause instead",
  });
  await assert.rejects(world.containers.remove("one", { force: false, volumes: false, link: false }), {
    kind: "conflict",
    message: 'cannot remove container "/one": container is paused and must be unpaused first',
  });
  await world.containers.remove("one", { force: true, volumes: false, link: false });
  assert.ok(world.log.includes("thaw"));
  assert.throws(() => world.store.find("one"), { kind: "not-found", message: "No such container: one" });
});

test("a running container is removed only by force, with all that was its own", async () => {
  const world = createWorld();
  const id = await world.create({}, "one");
  await world.containers.start("one");
  const { exit } = world.containers.wait("one", "removed");
  await assert.rejects(world.containers.remove("one", { force: false, volumes: false, link: false }), {
    kind: "conflict",
    message: 'cannot remove container "/one": container is running: stop the container before removing or force remove',
  });
  await world.containers.remove("one", { force: true, volumes: true, link: false });
  assert.deepEqual(await exit, { exitCode: 137 });
  assert.deepEqual(world.actions(), ["create", "start", "kill", "die", "destroy"]);
  for (const step of [`remove layer ${id}`, `remove files ${id}`, `release volumes ${id} true`]) {
    assert.ok(world.log.includes(step), step);
  }
  assert.equal(world.saved.size, 0);
  await world.create({}, "one"); // the name is free again
});

test("--rm removes the container when it has ended, and frees those who wait for it", async () => {
  const world = createWorld();
  const id = await world.create({ HostConfig: { AutoRemove: true } }, "one");
  const { exit } = world.containers.wait("one", "removed");
  await world.containers.start("one");
  world.process(id).end({ exitCode: 5 });
  assert.deepEqual(await exit, { exitCode: 5 });
  assert.deepEqual(world.actions(), ["create", "start", "die", "destroy"]);
});

test("restart does not let --rm take the container away", async () => {
  const world = createWorld();
  const id = await world.create({ HostConfig: { AutoRemove: true } }, "one");
  await world.containers.start("one");
  const process = world.process(id);
  const restarted = world.containers.restart("one", {});
  await settled();
  process.end({ exitCode: 0 });
  await restarted;
  assert.equal((await world.inspect("one")).State.Running, true);
  assert.deepEqual(world.actions(), ["create", "start", "kill", "die", "stop", "start", "restart"]);
});

test("a command that is not there leaves a created container, exit code 127 and nothing half made", async () => {
  const world = createWorld();
  const id = await world.create({ Cmd: ["nope"] }, "one");
  world.failLaunches(new LaunchError({ op: "execve", object: "nope", errno: "ENOENT", index: 40 }));
  await assert.rejects(world.containers.start("one"), {
    kind: "invalid",
    message:
      /runc create failed: unable to start container process: error during container init: exec: "nope": executable file not found in \$PATH: unknown$/,
  });
  const { State } = await world.inspect("one");
  assert.deepEqual([State.Status, State.ExitCode], ["created", 127]);
  assert.deepEqual([...world.runtime], []);
  assert.ok(world.log.includes(`release network ${id}`));
  assert.deepEqual(world.actions(), ["create"]);
  world.failLaunches(new LaunchError({ op: "execve", object: "/etc", errno: "EACCES", index: 40 }));
  await assert.rejects(world.containers.start("one"), { message: /exec: "\/etc": permission denied/ });
});

test("a monitor that dies is reported, and the container counts as ended", async () => {
  const world = createWorld();
  const id = await world.create({}, "one");
  await world.containers.start("one");
  world.process(id).vanish();
  await settled();
  const { State } = await world.inspect("one");
  assert.deepEqual([State.Status, State.ExitCode], ["exited", 255]);
  assert.match(State.Error, /monitor died/);
});

test("list and inspect answer while a container is starting", async () => {
  const world = createWorld();
  const id = await world.create({}, "one");
  const hold = Promise.withResolvers<never>();
  hold.promise.catch(() => {});
  const { launch } = world.deps.launcher;
  world.deps.launcher.launch = async (plan) => {
    await hold.promise.catch(() => {});
    return launch(plan);
  };
  const started = world.containers.start("one");
  await settled();
  assert.equal((await world.inspect("one")).State.Status, "created");
  hold.reject(new Error("go on"));
  await started;
  world.process(id).end({});
});

test("a rename keeps the id, frees the old name and tells both", async () => {
  const world = createWorld();
  await world.create({}, "one");
  await world.create({}, "two");
  await assert.rejects(world.containers.rename("one", "two"), {
    kind: "conflict",
    message: /^Error when allocating new name: Conflict\. The container name "\/two" is already in use/,
  });
  await assert.rejects(world.containers.rename("one", "one"), {
    message: "Renaming a container with the same name as its current name",
  });
  await world.containers.rename("one", "three");
  assert.equal((await world.inspect("three")).Name, "/three");
  await world.create({}, "one");
  const renamed = world.events.find((event) => event.Action === "rename");
  assert.equal(renamed?.Actor.Attributes.oldName, "/one");
});

test("update changes the limits of a running container at once", async () => {
  const world = createWorld();
  await world.create({ HostConfig: { NanoCpus: 1e9 } }, "one");
  await world.containers.start("one");
  await world.containers.update("one", { Memory: 64 * 2 ** 20, MemorySwap: -1 });
  assert.ok(
    world.log.includes('limits {"cpuQuota":100000,"cpuPeriod":100000,"memory":67108864,"memorySwap":-1}'),
    world.log.join("\n"),
  );
  await assert.rejects(world.containers.update("one", { Memory: 1000 }), {
    message: "Minimum memory limit allowed is 6MB",
  });
});

test("--rm leaves attach clients alone until the last output has come", async () => {
  const world = createWorld();
  const id = await world.create({ HostConfig: { AutoRemove: true } }, "one");
  const container = world.store.find("one");
  const told: string[] = [];
  Object.assign(container.streams, { abandon: () => told.push("abandoned") });
  await world.containers.start("one");
  const { channel } = container.live;
  assert.ok(channel);
  const drained = Promise.withResolvers<void>();
  container.live.channel = { ...channel, closed: drained.promise };
  world.process(id).end({});
  await settled();
  assert.equal(world.store.get(id), undefined);
  assert.deepEqual(told, []);
  drained.resolve();
  await settled();
  assert.deepEqual(told, ["abandoned"]);
});
