import assert from "node:assert/strict";
import { test } from "node:test";
import { all } from "./compile.fixture.ts";
import { compile } from "./compile.ts";
import { sampleProcess, sampleSpec } from "./sample-spec.ts";

test("sysctl names become paths below /proc/sys and nothing else", () => {
  const path = (name: string) => all(compile(sampleSpec({ sysctls: { [name]: "1" } })), "write_proc")[0]?.path;
  assert.equal(path("net.ipv4.ip_forward"), "/proc/sys/net/ipv4/ip_forward");
  assert.equal(path("net/ipv4/conf/eth0.1/forwarding"), "/proc/sys/net/ipv4/conf/eth0.1/forwarding");
  assert.equal(path("net.ipv4.conf.eth0/1.forwarding"), "/proc/sys/net/ipv4/conf/eth0.1/forwarding");
  for (const name of ["", "net..x", "../x", "net/../../x", "/net/x"]) assert.throws(() => path(name), /invalid sysctl/);
});

test("unknown capabilities and limits are refused", () => {
  const process = sampleProcess();
  const bounding = ["SYS_NOTHING"];
  assert.throws(() =>
    compile(sampleSpec({ process: { ...process, capabilities: { ...process.capabilities, bounding } } })),
  );
  const rlimits = [{ resource: "nothing", soft: 1, hard: 1, required: true }];
  assert.throws(() => compile(sampleSpec({ process: { ...process, rlimits } })), /invalid ulimit type: nothing/);
});

test("a score of 0 is the default and may fail, another one was asked for", () => {
  const optional = (oomScoreAdj?: number) =>
    all(compile(sampleSpec({ sysctls: {}, process: sampleProcess({ oomScoreAdj }) })), "write_proc").map(
      (op) => op.optional,
    );
  assert.deepEqual(optional(0), [true]);
  assert.deepEqual(optional(-500), [false]);
  assert.deepEqual(optional(undefined), []);
});

test("the same spec gives the same plan", () => assert.deepEqual(compile(sampleSpec()), compile(sampleSpec())));
