/** cgroup_keep, with this test in systemd's place: it makes the cgroup and moves the keeper in, as systemd does with a scope. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createLauncher } from "../../src/host/launcher/launcher.ts";
import type { Op } from "../../src/isolation/plan.ts";
import { binary, eventually, frames, launch, makeRoot, output, plan, scratch, sh } from "./harness.ts";

const HIERARCHY = existsSync("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";
const KEEPER = "cloche-keeper";
const text = (path: string) => readFileSync(path, "utf8").trim();

/** The cgroup that will be; it is empty and goes when the test ends. */
function place(t: TestContext): string {
  const path = `${HIERARCHY}/docker-test-scope-${process.pid}-${Math.random().toString(36).slice(2)}`;
  t.after(async () => {
    await eventually(() => !existsSync(path) || text(`${path}/cgroup.events`).includes("populated 0"));
    for (const directory of [`${path}/${KEEPER}`, path]) if (existsSync(directory)) rmdirSync(directory);
  });
  return path;
}

function takeIn(path: string, pid: number): void {
  mkdirSync(path);
  writeFileSync(`${path}/cgroup.procs`, String(pid));
}

/** A container in it that tells where it is when it is let go on by a file. */
const scoped = (path: string, root: string) =>
  plan({
    root,
    argv: sh("cat /proc/self/cgroup; while [ ! -e /go ]; do sleep 0.1; done"),
    launcher: [
      { op: "cgroup_keep", path, keeper: KEEPER },
      { op: "cgroup_join", path },
    ] satisfies Op[],
    exit: [
      { op: "read_counter", name: "populated", path: `${path}/cgroup.events`, key: "populated" },
      { op: "cgroup_kill", path },
      { op: "cgroup_remove", path },
    ],
  });

test("a keeper is there before the container's process and until the counters are read", async (t) => {
  const [path, root] = [place(t), makeRoot(scratch(t))];
  const run = launch(scoped(path, root));
  const keeper = Number((await run.event("keeper"))?.pid);
  assert.equal(text(`/proc/${keeper}/comm`), "cloche:keeper");
  // Nobody else has made the cgroup: until somebody does, nothing goes on.
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(text(`/proc/${keeper}/task/${keeper}/children`), "");
  takeIn(path, keeper);
  const pid = Number((await run.event("started"))?.pid);
  assert.deepEqual(
    [text(`${path}/cgroup.procs`).split("\n")[0], text(`${path}/${KEEPER}/cgroup.procs`)],
    [String(pid), String(keeper)],
  );
  // It holds nothing that others wait for the end of.
  assert.equal(existsSync(`/proc/${keeper}/fd/0`), false);
  writeFileSync(join(root, "go"), "");
  const [events, all] = await Promise.all([run.events, frames(run.channel)]);
  assert.match(output(all), new RegExp(`:${path.slice(HIERARCHY.length)}\n`));
  // PID 1 was dead by then: the keeper alone has kept the counters.
  assert.deepEqual(events.at(-1)?.counters, { populated: 1 });
  assert.deepEqual([existsSync(path), existsSync(`/proc/${keeper}`)], [false, false]);
});

test("a monitor that is killed takes the keeper with it", async (t) => {
  const [path, root] = [place(t), makeRoot(scratch(t))];
  const run = launch(scoped(path, root));
  const keeper = Number((await run.event("keeper"))?.pid);
  takeIn(path, keeper);
  await run.event("started");
  run.launcher.kill("SIGKILL");
  writeFileSync(join(root, "go"), "");
  await eventually(() => !existsSync(`/proc/${keeper}`) || /^State:\tZ/m.test(text(`/proc/${keeper}/status`)));
});

test("when the cgroup is not to be had, the start fails with the reason, and nothing stays", async (t) => {
  const [path, root] = [place(t), makeRoot(scratch(t))];
  const launcher = await createLauncher({ binary, socket: join(scratch(t), "launch.sock") });
  t.after(() => launcher.close());
  let keeper = 0;
  const refusal = new Error("systemd will not");
  const refuse = async (pid: number) => {
    keeper = pid;
    throw refusal;
  };
  await assert.rejects(launcher.launch(scoped(path, root), refuse), refusal);
  assert.ok(keeper > 0 && !existsSync(`/proc/${keeper}`));
  await assert.rejects(launcher.launch(scoped(path, root)), /nobody asks it to/);
});

test("a keeper's place has no way out of the cgroup", async (t) => {
  const run = launch(
    plan({
      root: makeRoot(scratch(t)),
      argv: sh("true"),
      launcher: [{ op: "cgroup_keep", path: place(t), keeper: "../x" }],
    }),
  );
  const [event] = await run.events;
  assert.deepEqual([event?.event, event?.op, event?.errno], ["error", "cgroup_keep", 22]);
});
