/** Steps left out of a plan: each makes a difference that is seen from inside, and only in a lab's engine. */
import assert from "node:assert/strict";
import { hostname } from "node:os";
import { after, before, test } from "node:test";
import { STEPS } from "../../src/isolation/without.ts";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine(["--lab"]);
  await importBusybox(engine);
});
after(() => engine?.stop());

/** What the probe's lines must show, whole and without; those not named must differ. */
const SEEN: Record<string, (whole: string, left: string) => void> = {
  "pid-namespace": (whole, left) => {
    const count = (text: string) => Number(/in sight: (\d+)/.exec(text)?.[1]);
    assert.ok(count(whole) < 6 && count(left) >= 10, `${whole}\n${left}`);
  },
  "net-namespace": (whole, left) => {
    assert.match(whole, /interfaces: eth0 lo/);
    assert.ok(left.includes(engine.bridge), left);
  },
  "uts-namespace": (whole, left) => assert.ok(!whole.includes(hostname()) && left.includes(hostname())),
  hostname: (whole, left) => assert.ok(!whole.includes(hostname()) && left.includes(hostname())),
  "cgroup-namespace": (whole, left) => {
    assert.match(whole, /:\/$/m);
    assert.match(left, /[0-9a-f]{64}/);
  },
  "masked-paths": (whole, left) => {
    const sizes = (text: string) => [...text.matchAll(/: (\d+) bytes/g)].map((match) => Number(match[1]));
    assert.ok(
      sizes(whole).every((size) => size === 0),
      whole,
    );
    assert.ok(
      sizes(left).some((size) => size > 0),
      left,
    );
  },
  seccomp: (whole, left) => {
    assert.match(whole, /Seccomp:\s+2[\s\S]*refused/);
    assert.match(left, /Seccomp:\s+0[\s\S]*made/);
  },
  "memory-limit": (whole) => assert.match(whole, /limit: 67108864/),
  "cpu-limit": (whole, left) => {
    assert.match(whole, /quota: 50000/);
    assert.match(left, /quota: (-1|max)/);
  },
  "pids-limit": (whole, left) => {
    assert.match(whole, /processes: 64/);
    assert.match(left, /processes: max/);
  },
};

for (const { name, leaks } of STEPS) {
  test(`without ${name}, a process inside sees the difference`, async () => {
    const { code, stdout, stderr } = await engine.cloche("container", "explain", "--without", name, "busybox");
    assert.equal(code, 0, stderr);
    const parts = /^with all steps:\n([\s\S]*)\nwithout [a-z-]+:\n([\s\S]*)\n(\S.*)$/m.exec(stdout.trimEnd());
    assert.ok(parts, stdout);
    const [, whole = "", left = "", told] = parts;
    assert.notEqual(whole, left);
    SEEN[name]?.(whole, left);
    assert.equal(told, leaks);
  });
}

test("nothing stays, and a command of one's own may be the look", async () => {
  const { stdout } = await engine.cloche(
    "container",
    "explain",
    "--without",
    "pid-namespace",
    "busybox",
    "echo",
    "here",
  );
  assert.match(stdout, /with all steps:\n {4}here\n/);
  assert.equal(await engine.ok("ps", "-aq"), "");
});

test("steps are listed with what leaks, and unknown ones refused with their names", async () => {
  const { stdout } = await engine.cloche("container", "explain", "--without", "help");
  for (const { name, leaks } of STEPS) assert.ok(stdout.includes(name) && stdout.includes(leaks));
  const { code, stderr } = await engine.cloche("container", "explain", "--without", "walls", "busybox");
  assert.equal(code, 1);
  assert.match(stderr, /no step is called "walls": there are pid-namespace, net-namespace/);
});

test("an ordinary engine refuses with cause and cure, and makes nothing", async (t) => {
  const ordinary = await startEngine();
  t.after(() => ordinary.stop());
  await importBusybox(ordinary);
  const { code, stderr } = await ordinary.cloche("container", "explain", "--without", "seccomp", "busybox");
  assert.equal(code, 1);
  assert.match(stderr, /only a lab's engine does: start one with cloche engine --lab/);
  assert.equal(await ordinary.ok("ps", "-aq"), "");
});
