import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from "../kernel/namespaces.ts";
import { all, container, index, only } from "./compile.fixture.ts";
import { compile } from "./compile.ts";
import { sampleSpec } from "./sample-spec.ts";

test("new namespaces are made by clone, all but cgroup", () => {
  assert.equal(
    only(compile(sampleSpec()), "clone").flags,
    CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET,
  );
});

test("the host's namespaces are neither made nor renamed", () => {
  const plan = compile(
    sampleSpec({ namespaces: { pid: "host", mnt: "new", uts: "host", ipc: "host", net: "host", cgroup: "host" } }),
  );
  assert.equal(only(plan, "clone").flags, CLONE_NEWNS);
  for (const op of ["setns", "sethostname", "netlink", "unshare"] as const) assert.deepEqual(all(plan, op), []);
});

test("a process whose namespaces are joined is opened once and entered once", () => {
  const pause = { pid: 10, startTime: 99 };
  const other = { pid: 11, startTime: 100 };
  const plan = compile(
    sampleSpec({ namespaces: { pid: pause, mnt: "new", uts: "new", ipc: other, net: pause, cgroup: "host" } }),
  );
  assert.deepEqual(
    all(plan, "open_process").map(({ slot, pid, startTime }) => [slot, pid, startTime]),
    [
      [0, 10, 99],
      [1, 11, 100],
    ],
  );
  assert.deepEqual(
    all(plan, "setns").map(({ stage, slot, flags }) => [stage, slot, flags]),
    [
      ["launcher", 0, CLONE_NEWPID],
      ["container", 0, CLONE_NEWNET],
      ["container", 1, CLONE_NEWIPC],
    ],
  );
  assert.ok(index(plan, "setns", 2) < index(plan, "mount"), "mqueue and sysfs show the joined namespaces");
});

test("in a user namespace: ids are mapped, the parent joins the cgroup, devices are bound", () => {
  const map = [{ containerId: 0, hostId: 100000, size: 65536 }];
  const spec = sampleSpec();
  const plan = compile({ ...spec, namespaces: { ...spec.namespaces, user: { uidMap: map, gidMap: map } } });
  assert.ok(only(plan, "clone").flags & CLONE_NEWUSER);
  assert.deepEqual(
    all(plan, "write_child_proc").map(({ path, data }) => [path, data]),
    [
      ["uid_map", "0 100000 65536\n"],
      ["gid_map", "0 100000 65536\n"],
    ],
  );
  assert.ok(all(plan, "cgroup_join").every((op) => op.stage !== "container"));
  // Nothing but what root inside may not do comes before.
  assert.deepEqual(container(plan).slice(0, 2), ["write_proc", "set_user"]);
  assert.deepEqual(all(plan, "mknod"), []);
  assert.ok(all(plan, "bind").some((op) => op.source === "/dev/null" && op.target === "/dev/null"));
});

test("a user namespace that is joined: the child is born there, and its ids are mapped already", () => {
  const map = [{ containerId: 0, hostId: 100000, size: 65536 }];
  const pause = { pid: 10, startTime: 99 };
  const spec = sampleSpec();
  const user = { uidMap: map, gidMap: map, of: pause };
  const plan = compile({ ...spec, namespaces: { ...spec.namespaces, net: pause, pid: pause, user } });
  assert.ok(
    index(plan, "child_setns") < index(plan, "clone") && index(plan, "open_process") < index(plan, "child_setns"),
  );
  assert.equal(only(plan, "child_setns").flags, CLONE_NEWUSER | CLONE_NEWPID);
  assert.equal(only(plan, "clone").flags & (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET), 0);
  assert.deepEqual(all(plan, "write_child_proc"), []);
  assert.deepEqual(all(plan, "open_process").length, 1);
  assert.deepEqual(
    all(plan, "setns").map(({ stage, flags }) => [stage, flags]),
    [["container", CLONE_NEWNET]],
  );
  // sysfs shows the network that was joined; the host's would not.
  assert.ok(all(plan, "mount").some(({ type }) => type === "sysfs"));
});

test("with id-mapped files the host's root mounts root and binds, and the child only opens the root, before it is nobody there", () => {
  const map = [{ containerId: 0, hostId: 100000, size: 65536 }];
  const volume = {
    type: "bind",
    source: "/data/vol",
    target: "/v",
    readonly: false,
    recursive: true,
    recursiveReadonly: "no",
    propagation: "rprivate",
    sourceKind: "dir",
  } as const;
  const source = { type: "overlay", base: "/data", lowers: ["l"], upper: "u", work: "w", volatile: false } as const;
  const spec = sampleSpec({
    rootfs: { source: { ...source, lowers: ["l"] }, mountpoint: "/m", readonly: false },
    mounts: [volume, { ...volume, target: "/t/v" }, { type: "tmpfs", target: "/t", options: [] }],
  });
  const user = { uidMap: map, gidMap: map, idMapped: "/data" };
  const plan = compile({ ...spec, namespaces: { ...spec.namespaces, user } });
  const parent = plan.ops.filter(({ stage }) => stage === "parent").map(({ op }) => op);
  assert.deepEqual(parent.slice(parent.indexOf("enter_child_mounts"), parent.indexOf("leave_child_mounts")), [
    "enter_child_mounts",
    "propagation",
    "id_map_mount",
    "mount_overlay",
    "open_root",
    "bind",
  ]);
  const own = container(plan);
  assert.ok(own.indexOf("open_root") < own.indexOf("set_user"));
  assert.ok(!own.includes("mount_overlay"));
  // What lies on a mount of the child's is bound by the child, after it.
  const targets = plan.ops.flatMap((op) => (op.stage === "container" && "target" in op ? op.target : []));
  assert.ok(targets.indexOf("/t") < targets.indexOf("/t/v") && !targets.includes("/v"));
});
