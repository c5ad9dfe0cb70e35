import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeRequest } from "./requests.ts";

type Body = Record<string, unknown>;
const CREATE = "POST /containers/create";

/** The body as clients of `minor` mean it. */
function bodyAt(minor: number, route: string, body: Body, cgroupVersion: "v1" | "v2" = "v1"): Body {
  return shapeRequest(route, minor, { query: {}, body }, { cgroupVersion }).body as Body;
}
const hostAt = (minor: number, HostConfig: Body, cgroupVersion: "v1" | "v2" = "v1") =>
  bodyAt(minor, CREATE, { HostConfig }, cgroupVersion).HostConfig as Body;
/** The one mount of a request. */
const mountAt = (minor: number, mount: Body) => (hostAt(minor, { Mounts: [mount] }).Mounts as Body[])[0];
const queryAt = (minor: number, route: string, query: Body) =>
  shapeRequest(route, minor, { query, body: undefined }, { cgroupVersion: "v1" }).query as Body;

test("the newest version is left as it is", () => {
  const body = {
    HostConfig: { AutoRemove: true, Mounts: [{ Type: "image", Target: "/x" }] },
    Healthcheck: { StartInterval: 1 },
  };
  assert.deepEqual(bodyAt(51, CREATE, body), body);
});

test("the cgroup namespace is the host's before 1.41, on v1 only, unless asked for", () => {
  assert.equal(hostAt(40, {}).CgroupnsMode, "host");
  assert.equal(hostAt(40, { CgroupnsMode: "private" }).CgroupnsMode, "private");
  assert.equal(hostAt(41, {}).CgroupnsMode, undefined);
  assert.equal(hostAt(40, { IpcMode: "private" }, "v2").CgroupnsMode, undefined);
});

test("IPC is shareable before 1.40, also without a HostConfig", () => {
  assert.equal(hostAt(39, {}).IpcMode, "shareable");
  assert.deepEqual((bodyAt(39, CREATE, { Image: "a" }).HostConfig as Body).IpcMode, "shareable");
  assert.equal(hostAt(40, {}).IpcMode, undefined);
});

test("options are not read by versions that had none", () => {
  assert.equal(hostAt(24, { AutoRemove: true }).AutoRemove, undefined);
  assert.equal(hostAt(25, { AutoRemove: true }).AutoRemove, true);
  assert.equal(hostAt(41, { ConsoleSize: [1, 2] }).ConsoleSize, undefined);
  assert.deepEqual(hostAt(42, { ConsoleSize: [1, 2] }).ConsoleSize, [1, 2]);
  assert.equal(hostAt(42, { Annotations: { a: "b" } }).Annotations, undefined);
  assert.deepEqual(bodyAt(43, CREATE, { Healthcheck: { Interval: 5, StartInterval: 1 } }).Healthcheck, { Interval: 5 });
  assert.deepEqual(bodyAt(44, CREATE, { Healthcheck: { StartInterval: 1 } }).Healthcheck, { StartInterval: 1 });
  assert.deepEqual(bodyAt(39, "POST /containers/:id/update", { PidsLimit: 5, Memory: 9 }), { Memory: 9 });
  assert.deepEqual(bodyAt(41, "POST /exec/:id/start", { ConsoleSize: [1, 2], Tty: true }), { Tty: true });
  assert.deepEqual(bodyAt(41, "POST /containers/:id/exec", { ConsoleSize: [1, 2] }), {});
  assert.deepEqual(bodyAt(46, "POST /networks/create", { Name: "n", EnableIPv4: false }), { Name: "n" });
});

test("parameters of the query are not read by versions that had none", () => {
  assert.deepEqual(queryAt(40, CREATE, { name: "x", platform: "linux/arm64" }), { name: "x" });
  assert.deepEqual(queryAt(41, CREATE, { platform: "linux/arm64" }), { platform: "linux/arm64" });
  for (const verb of ["stop", "restart"]) {
    assert.deepEqual(queryAt(41, `POST /containers/:id/${verb}`, { signal: "9", t: "1" }), { t: "1" });
  }
  assert.deepEqual(queryAt(29, "POST /containers/:id/wait", { condition: "removed" }), {});
  assert.deepEqual(queryAt(31, "POST /images/create", { fromImage: "a", platform: "x" }), { fromImage: "a" });
});

test("before 1.42 pruned volumes are the named ones too", () => {
  const filters = (query: Body, minor = 41) => queryAt(minor, "POST /volumes/prune", query).filters;
  assert.deepEqual(JSON.parse(String(filters({}))), { all: { true: true } });
  assert.deepEqual(JSON.parse(String(filters({ filters: '{"label":["a"]}' }))), { label: ["a"], all: { true: true } });
  assert.equal(filters({ filters: '{"all":["0"]}' }), '{"all":["0"]}');
  assert.equal(filters({ filters: "{" }), "{");
  assert.equal(filters({}, 42), undefined);
});

test("before 1.41 images are filtered by name with a parameter of its own", () => {
  assert.equal(queryAt(40, "GET /images/json", { filter: "busybox" }).filters, '{"reference":{"busybox":true}}');
  assert.equal(queryAt(41, "GET /images/json", { filter: "busybox" }).filters, undefined);
});

test("mounts: what an old version cannot mean is dropped, what would mislead is refused", () => {
  const bind = { Type: "bind", Source: "/a", Target: "/b" };
  assert.deepEqual(mountAt(39, { ...bind, BindOptions: { NonRecursive: true, Propagation: "shared" } }), {
    ...bind,
    BindOptions: { Propagation: "shared" },
  });
  assert.deepEqual(mountAt(41, { ...bind, BindOptions: { CreateMountpoint: true }, TmpfsOptions: { Mode: 1 } }), {
    ...bind,
    BindOptions: {},
  });
  assert.deepEqual(mountAt(43, { ...bind, ReadOnly: true }), {
    ...bind,
    ReadOnly: true,
    BindOptions: { ReadOnlyNonRecursive: true },
  });
  assert.deepEqual(mountAt(44, { ...bind, ReadOnly: true }), { ...bind, ReadOnly: true });
  assert.throws(() => mountAt(43, { ...bind, BindOptions: { ReadOnlyForceRecursive: true } }), {
    message: "BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer",
  });
  assert.throws(() => mountAt(44, { Type: "volume", Target: "/v", VolumeOptions: { Subpath: "a" } }), {
    message: "VolumeOptions.Subpath needs API v1.45 or newer",
  });
  assert.throws(() => mountAt(47, { Type: "image", Target: "/i" }), {
    message: 'Mount type "Image" needs API v1.48 or newer',
  });
});

test("endpoints: one network before 1.44, no MAC of theirs; no priority before 1.48", () => {
  const endpoints = (minor: number, EndpointsConfig: Body) =>
    (bodyAt(minor, CREATE, { NetworkingConfig: { EndpointsConfig } }).NetworkingConfig as Body).EndpointsConfig;
  assert.throws(() => endpoints(43, { a: {}, b: {} }), {
    kind: "invalid",
    message: "Container cannot be connected to network endpoints: a, b",
  });
  assert.deepEqual(endpoints(44, { a: {}, b: {} }), { a: {}, b: {} });
  assert.deepEqual(endpoints(43, { a: { MacAddress: "02:00:00:00:00:01", Aliases: ["x"] } }), {
    a: { Aliases: ["x"] },
  });
  assert.deepEqual(endpoints(47, { a: { GwPriority: 1 }, b: null }), { a: {}, b: null });
  const connect = (minor: number) =>
    bodyAt(minor, "POST /networks/:id/connect", { Container: "c", EndpointConfig: { MacAddress: "m", GwPriority: 1 } });
  assert.deepEqual(connect(43).EndpointConfig, {});
  assert.deepEqual(connect(47).EndpointConfig, { MacAddress: "m" });
});

test("a body of another shape is left for its decoder to refuse", () => {
  for (const body of [undefined, null, 5, [], { HostConfig: 7 }, { HostConfig: { Mounts: [3] } }]) {
    assert.doesNotThrow(() => shapeRequest(CREATE, 39, { query: undefined, body }, { cgroupVersion: "v2" }));
  }
});
