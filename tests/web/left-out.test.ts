/** The page says which operations are a step's: those that a plan loses, or has otherwise, when the engine leaves that step out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../../src/isolation/compile.ts";
import { sampleSpec } from "../../src/isolation/sample-spec.ts";
import type { CgroupLayout, IsolationSpec } from "../../src/isolation/spec.ts";
import { STEPS } from "../../src/isolation/without.ts";
import { ANNOTATION, isOf } from "../../src/web/views/plan/left-out.ts";
import { LAB_ANNOTATION } from "../../src/wire/glass.ts";

const controllers = ["cpu", "memory", "pids"];
const mountpoint = "/sys/fs/cgroup";
const LAYOUTS: CgroupLayout[] = [
  {
    version: "v1",
    hierarchies: [...controllers, "devices"].map((name) => ({
      controllers: [name],
      mountpoint: `${mountpoint}/${name}`,
    })),
  },
  { version: "v2", mountpoint, controllers },
];

test("the annotation is the engine's", () => assert.equal(ANNOTATION, LAB_ANNOTATION));

for (const layout of LAYOUTS) {
  for (const step of STEPS) {
    test(`${step.name} is found in a plan, and not in one without it, ${layout.version}`, () => {
      const whole = wholeSpec(layout);
      const of = (spec: IsolationSpec) => rowsOf(spec).filter((row) => isOf(step.name, row));
      assert.notEqual(of(whole).length, 0);
      assert.deepEqual(of(step.leave(whole)), []);
      const kept = new Set(rowsOf(step.leave(whole)).map((row) => JSON.stringify(row)));
      for (const row of of(whole))
        assert.ok(!kept.has(JSON.stringify(row)), `${row.op.op} is the same without the step`);
    });
  }
}

const rowsOf = (spec: IsolationSpec) => compile(spec).ops.map((op) => ({ op: { ...op } }));

/** With every step in it. */
function wholeSpec(layout: CgroupLayout): IsolationSpec {
  const sample = sampleSpec();
  const resources = {
    ...{ memory: 64 << 20, memorySwap: 128 << 20, memoryReservation: 32 << 20 },
    ...{ cpuQuota: 50_000, cpuPeriod: 100_000, pidsLimit: 64 },
  };
  return {
    ...sample,
    namespaces: { ...sample.namespaces, cgroup: "new" },
    process: { ...sample.process, seccomp: { program: new Uint8Array(8), flags: 0 } },
    cgroup: { ...sample.cgroup, layout, resources },
  };
}
