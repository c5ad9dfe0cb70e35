/** For the tests of compile*.ts: what they ask plans, and pieces of specs. */
import assert from "node:assert/strict";
import type { OpName, Plan, PlannedOp } from "./plan.ts";
import { sampleSpec } from "./sample-spec.ts";
import type { CgroupLayout, IsolationSpec, MountSpec } from "./spec.ts";

export const filter = { program: new Uint8Array(8), flags: 0 };
export const bind = (target: string, changes: Partial<Extract<MountSpec, { type: "bind" }>> = {}): MountSpec => ({
  type: "bind",
  source: `/host${target}`,
  target,
  readonly: false,
  recursive: true,
  recursiveReadonly: "if-possible",
  propagation: "rprivate",
  sourceKind: "dir",
  ...changes,
});
export const layoutV1: CgroupLayout = {
  version: "v1",
  hierarchies: [
    { controllers: ["cpu", "cpuacct"], mountpoint: "/sys/fs/cgroup/cpu,cpuacct" },
    { controllers: ["memory"], mountpoint: "/sys/fs/cgroup/memory" },
    { controllers: ["devices"], mountpoint: "/sys/fs/cgroup/devices" },
    { controllers: ["name=systemd"], mountpoint: "/sys/fs/cgroup/systemd" },
  ],
};
export const onV1 = (changes: Partial<IsolationSpec> = {}) => {
  const spec = sampleSpec(changes);
  return { ...spec, cgroup: { ...spec.cgroup, layout: layoutV1 } };
};

export function all<N extends OpName>(plan: Plan, name: N): (PlannedOp & { op: N })[] {
  return plan.ops.filter((op): op is PlannedOp & { op: N } => op.op === name);
}

export function only<N extends OpName>(plan: Plan, name: N): PlannedOp & { op: N } {
  const [op, ...others] = all(plan, name);
  assert.ok(op && others.length === 0, `one ${name} in the plan`);
  return op;
}

export function index(plan: Plan, name: OpName, nth = 0): number {
  return plan.ops.indexOf(all(plan, name)[nth] as PlannedOp);
}

export function container(plan: Plan): OpName[] {
  return plan.ops.filter((op) => op.stage === "container").map((op) => op.op);
}
