import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createCgroups } from "../../src/host/cgroup/index.ts";
import { prepareParents } from "../../src/host/cgroup/prepare.ts";
import { cgroupDirectories } from "../../src/isolation/cgroups/index.ts";
import { compile } from "../../src/isolation/compile.ts";
import { compileExec } from "../../src/isolation/compile-exec.ts";
import { sampleExec, sampleProcess, sampleSpec } from "../../src/isolation/sample-spec.ts";
import { eventually, frames, launch, makeRoot, output, scratch, sh } from "./harness.ts";

/** What a plain `docker run` becomes, on an overlay and in a cgroup of its own. */
async function container(t: TestContext, script: string, changes: Parameters<typeof sampleProcess>[0] = {}) {
  const base = scratch(t);
  const lower = makeRoot(base);
  for (const name of ["upper", "work", "merged"]) mkdirSync(join(base, name));
  const cgroups = await createCgroups();
  const path = `/docker-test-native/${process.pid}-${t.name.replace(/\W+/g, "-").slice(0, 30)}`;
  await prepareParents(cgroups.layout, path);
  t.after(async () => {
    await cgroups.remove(path);
    await cgroups.remove("/docker-test-native").catch(() => {});
  });
  const exitRecord = join(base, "exit.json");
  const log = { path: join(base, "log.json"), maxSize: 0, maxFiles: 1, compress: false, attrs: "" };
  const plan = compile(
    sampleSpec({
      rootfs: {
        source: {
          type: "overlay",
          base,
          lowers: [lower.slice(base.length + 1)],
          upper: "upper",
          work: "work",
          volatile: false,
        },
        mountpoint: join(base, "merged"),
        readonly: false,
      },
      cgroup: { layout: cgroups.layout, path, resources: { pidsLimit: 50, memory: 64 << 20 } },
      process: sampleProcess({ argv: sh(script), ...changes }),
      monitor: { socket: join(base, "monitor.sock"), exitRecord, log, attached: true },
    }),
  );
  const run = launch(plan);
  return { base, cgroups, path, exitRecord, log, plan, run };
}

test("a compiled plan makes a container, and leaves no cgroup behind", async (t) => {
  const script = "hostname; id -u; cat /proc/self/cgroup; ls /proc/self/fd; grep Cap /proc/self/status; pwd";
  const { run, cgroups, path, exitRecord, log } = await container(t, script);
  const all = await frames(run.channel);
  const events = await run.events;
  assert.equal(events.at(-1)?.exitCode, 0, JSON.stringify(events) + output(all, 2));
  const text = output(all);
  assert.match(text, /^box\n0\n/);
  assert.match(text, /\n0\n1\n2\n3\nCapInh/, "nothing open but stdio (3 is ls's own)");
  assert.match(text, /CapEff:\s+00000000a80425fb/);
  for (const directory of cgroupDirectories(cgroups.layout, path)) assert.ok(!existsSync(directory), directory);
  assert.deepEqual(JSON.parse(readFileSync(exitRecord, "utf8")), events.at(-1));
  assert.match(readFileSync(log.path, "utf8"), /^\{"log":"box\\n","stream":"stdout","time":"[^"]+Z"\}\n/);
});

test("an exec joins a compiled container", async (t) => {
  const { run, cgroups, path } = await container(t, "sleep 1000");
  const started = await run.event("started");
  assert.ok(started);
  const spec = sampleExec({
    target: { pid: Number(started.pid), startTime: Number(started.startTime) },
    cgroup: { layout: cgroups.layout, path },
    process: sampleProcess({ argv: sh("ps; ls /; hostname; exit 5") }),
    monitor: { socket: "", exitRecord: "", log: null, attached: true },
  });
  const exec = launch(compileExec(spec));
  const all = await frames(exec.channel);
  const events = await exec.events;
  assert.equal(events.at(-1)?.exitCode, 5, JSON.stringify(events) + output(all, 2));
  assert.match(output(all), /1 0\s+sleep 1000/);
  process.kill(Number(started.pid), "SIGKILL");
  assert.equal((await run.event("exit"))?.exitCode, 137);
  await eventually(() => run.launcher.exitCode !== null);
});
