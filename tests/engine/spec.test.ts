/** Docker's options as Linux's: what the launcher is asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { IsolationSpec } from "../../src/isolation/spec.ts";
import { createWorld, type World } from "./fakes.ts";

async function specOf(body: object, world: World = createWorld()): Promise<IsolationSpec> {
  const id = await world.create(body);
  await world.containers.start(id);
  return world.process(id).spec;
}
const host = (HostConfig: object) => specOf({ HostConfig });

test("the defaults of a container", async () => {
  const spec = await specOf({ Cmd: ["sleep", "1"] });
  assert.deepEqual(spec.namespaces, { pid: "new", mnt: "new", uts: "new", ipc: "new", net: "new", cgroup: "new" });
  assert.deepEqual(spec.process.argv, ["sleep", "1"]);
  assert.equal(spec.process.cwd, "/");
  assert.ok(spec.process.seccomp);
  assert.ok(spec.maskedPaths.includes("/proc/kcore"));
  assert.ok(spec.readonlyPaths.includes("/proc/sys"));
  assert.equal(spec.sysctls["net.ipv4.ip_unprivileged_port_start"], "0");
  assert.deepEqual(spec.process.capabilities.inheritable, []);
  assert.deepEqual(
    spec.mounts.map((mount) => mount.target),
    ["/etc/resolv.conf", "/etc/hostname", "/etc/hosts"],
  );
  assert.match(spec.cgroup.path, /^\/docker\/[0-9a-f]{64}$/);
});

test("what only some kernels have in /proc is masked where the host has it", async () => {
  const masked = async (has: (path: string) => boolean) => {
    const world = createWorld();
    world.deps.paths.kind = (path) => (has(path) ? "dir" : undefined);
    return (await specOf({ Cmd: ["sleep", "1"] }, world)).maskedPaths.filter((path) => path.includes("dynamic_debug"));
  };
  assert.deepEqual(await masked(() => true), ["/proc/dynamic_debug"]);
  assert.deepEqual(await masked((path) => !path.includes("dynamic_debug")), []);
});

test("capabilities: added and dropped, never more than the engine holds", async () => {
  const bounding = async (over: object) => (await host(over)).process.capabilities.bounding;
  assert.deepEqual(await bounding({}), ["CHOWN", "KILL"]);
  assert.deepEqual(await bounding({ CapAdd: ["net_admin"], CapDrop: ["CAP_KILL"] }), ["CHOWN", "NET_ADMIN"]);
  assert.deepEqual(await bounding({ CapDrop: ["ALL"], CapAdd: ["KILL"] }), ["KILL"]);
  assert.deepEqual(await bounding({ CapAdd: ["ALL"], CapDrop: ["CHOWN"] }), ["KILL", "NET_ADMIN"]);
  assert.deepEqual(await bounding({ Privileged: true }), ["CHOWN", "KILL", "NET_ADMIN"]);
});

test("privileged: no seccomp, nothing masked, every device", async () => {
  const spec = await host({ Privileged: true });
  assert.equal(spec.process.seccomp, null);
  assert.deepEqual([spec.maskedPaths, spec.readonlyPaths, spec.cgroup.deviceRules], [[], [], undefined]);
});

test("cgroup namespaces: by host and privilege, and the engine's default where that leaves a choice", async () => {
  const mode = async (version: "v1" | "v2", privileged: boolean, byDefault: "" | "host" | "private") => {
    const world = createWorld();
    Object.assign(world.deps.cgroups, { layout: { ...world.deps.cgroups.layout, version } });
    world.deps.settings.defaults.cgroupnsMode = byDefault;
    return (await specOf({ HostConfig: { Privileged: privileged } }, world)).namespaces.cgroup;
  };
  assert.deepEqual([await mode("v1", false, ""), await mode("v1", true, "")], ["host", "host"]);
  assert.deepEqual([await mode("v2", false, ""), await mode("v2", true, "")], ["new", "new"]);
  assert.deepEqual([await mode("v1", false, "private"), await mode("v1", true, "private")], ["new", "host"]);
  assert.deepEqual([await mode("v2", false, "host"), await mode("v2", true, "host")], ["host", "host"]);
});

test("limits: --cpus is quota per period, a memory limit brings as much swap", async () => {
  const { resources } = (await host({ NanoCpus: 1.5e9, Memory: 64 * 2 ** 20, PidsLimit: 10 })).cgroup;
  assert.deepEqual(resources, {
    cpuQuota: 150_000,
    cpuPeriod: 100_000,
    memory: 64 * 2 ** 20,
    memorySwap: 128 * 2 ** 20,
    pidsLimit: 10,
  });
});

test("namespaces of the host, and of another container that runs", async () => {
  const world = createWorld();
  const shared = await specOf(
    { HostConfig: { PidMode: "host", NetworkMode: "host", UTSMode: "host", IpcMode: "host" } },
    world,
  );
  assert.deepEqual(shared.namespaces, {
    pid: "host",
    mnt: "new",
    uts: "host",
    ipc: "host",
    net: "host",
    cgroup: "new",
  });
  assert.deepEqual(shared.sysctls, {});

  const donor = await world.create({ Hostname: "donor", HostConfig: { IpcMode: "shareable" } }, "donor");
  const mode = "container:donor";
  const guest = await world.create({ HostConfig: { NetworkMode: mode, PidMode: mode, IpcMode: mode } }, "guest");
  await assert.rejects(world.containers.start("guest"), { kind: "conflict", message: /container donor is created$/ });
  await world.containers.start("donor");
  await world.containers.start("guest");
  const { spec } = world.process(guest);
  const ref = world.store.find("donor").record.state.process;
  assert.deepEqual([spec.namespaces.net, spec.namespaces.pid, spec.namespaces.ipc], [ref, ref, ref]);
  assert.equal(spec.hostname, "donor");
  const hosts = spec.mounts.find((mount) => mount.target === "/etc/hosts");
  assert.equal(hosts?.type === "bind" && hosts.source, `/data/${donor}/hosts`);
});

test("memory is shared only by those who said so", async () => {
  const world = createWorld();
  await world.create({}, "donor");
  await world.containers.start("donor");
  await assert.rejects(specOf({ HostConfig: { IpcMode: "container:donor" } }, world), { message: /non-shareable IPC/ });
});

test("an unknown container in a mode is no missing image: the CLI would pull", async () => {
  await assert.rejects(host({ PidMode: "container:nope" }), { kind: "invalid", message: "No such container: nope" });
  await assert.rejects(host({ VolumesFrom: ["nope"] }), { kind: "invalid", message: "No such container: nope" });
  await assert.rejects(specOf({ Image: "nope" }), { kind: "not-found", message: "No such image: nope:latest" });
});

test("mounts: -v makes a missing host directory, volumes are filled, --volumes-from can be read-only", async () => {
  const world = createWorld();
  const spec = await specOf(
    { Volumes: { "/anon": {} }, HostConfig: { Binds: ["/missing/x:/x:ro", "data:/data"], Tmpfs: { "/t": "size=1m" } } },
    world,
  );
  assert.ok(world.log.includes("mkdir /missing/x"));
  assert.ok(world.log.includes("populate data from /data"));
  const at = (target: string) => spec.mounts.find((mount) => mount.target === target);
  assert.deepEqual(at("/t"), { type: "tmpfs", target: "/t", options: ["size=1m"] });
  const bind = at("/x");
  assert.ok(bind?.type === "bind" && bind.readonly && bind.recursiveReadonly === "if-possible");
  const [first] = world.store.all();
  const guest = await specOf({ HostConfig: { VolumesFrom: [`${first?.record.name}:ro`] } }, world);
  const volume = guest.mounts.find((mount) => mount.target === "/data");
  assert.ok(volume?.type === "bind" && volume.readonly && volume.source === "/volumes/data/_data");
});

test("a user's mount stands in for docker's own file", async () => {
  const spec = await host({ Binds: ["/srv/hosts:/etc/hosts"] });
  assert.equal(spec.mounts.filter((mount) => mount.target === "/etc/hosts").length, 1);
});

test("IPC mode none has no shared memory", async () => {
  assert.equal((await host({ IpcMode: "none" })).shmSize, 0);
});
