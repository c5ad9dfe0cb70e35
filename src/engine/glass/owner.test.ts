import assert from "node:assert/strict";
import { test } from "node:test";
import { ownerOf, ownerText } from "./owner.ts";

const id = "0123456789abcdef".repeat(4);
const pod = "8f2c1b1e_0d6a_4d0e_9a3c_1234567890ab";
const at = (path: string) =>
  ownerOf([{ controllers: "memory", path }], [{ id, name: "web", cgroupPath: `/docker/${id}` }]);

test("a container of this engine is known by its own cgroup, and what it made below", () => {
  assert.deepEqual([at(`/docker/${id}`).kind, at(`/docker/${id}`).name], ["cloche", "web"]);
  assert.equal(at(`/docker/${id}/inner`).name, "web");
});

test("other engines are known by the names of their cgroups", () => {
  const other = id.replaceAll("0", "f");
  const cases: [path: string, kind: string][] = [
    [`/docker/${other}`, "docker"],
    [`/system.slice/docker-${other}.scope`, "docker"],
    [`/machine.slice/libpod-${other}.scope`, "podman"],
    [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${other}.scope/container`, "podman"],
    [`/libpod_parent/libpod-${other}`, "podman"],
    [`/kubepods/burstable/pod${pod.replaceAll("_", "-")}/${other}`, "kubernetes"],
    [
      `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${pod}.slice/cri-containerd-${other}.scope`,
      "kubernetes",
    ],
    [`/kubepods.slice/kubepods-pod${pod}.slice/crio-${other}.scope`, "kubernetes"],
    [`/system.slice/nerdctl-${other}.scope`, "containerd"],
    [`/default/${other}`, "containerd"],
  ];
  for (const [path, kind] of cases) {
    const owner = at(path);
    assert.deepEqual([owner.kind, owner.id], [kind, other], path);
    if (kind === "kubernetes") assert.equal(owner.pod, pod.replaceAll("_", "-"));
  }
  assert.deepEqual([at("/lxc.payload.box").kind, at("/lxc.payload.box").id], ["lxc", "box"]);
  assert.deepEqual(
    [at("/machine.slice/machine-deb.scope").kind, at("/machine.slice/machine-deb.scope").id],
    ["nspawn", "deb"],
  );
});

test("what no cgroup's name tells is the host's, or somebody's unknown", () => {
  for (const path of [
    "/",
    "/system.slice/ssh.service",
    "/user.slice/user-0.slice/session-1.scope",
    `/machine.slice/libpod-conmon-${id}.scope`,
  ])
    assert.equal(at(path).kind, "host", path);
  assert.equal(ownerOf([{ controllers: "", path: "/" }], [], { separate: 3 }).kind, "unknown");
  assert.equal(ownerText({ kind: "docker", id, because: "" }), `docker:${id.slice(0, 12)}`);
});
