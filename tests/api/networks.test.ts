/** Networks over HTTP: statuses, texts, shapes. The host is a fake; tests/kernel/networks.test.ts has the real one. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import fastify, { type FastifyInstance } from "fastify";
import { errorAnswer } from "../../src/api/errors.ts";
import { networkRoutes } from "../../src/api/routes/networks.ts";
import type { Container } from "../../src/engine/containers/container.ts";
import { aRecord } from "../../src/engine/containers/fixtures.ts";
import { createEventBus, type EngineEvent } from "../../src/engine/events.ts";
import type { HostNetwork } from "../../src/engine/networks/host-network.ts";
import type { NetworkRecord } from "../../src/engine/networks/network.ts";
import { createNetworks, type Networks } from "../../src/engine/networks/networks.ts";
import type { Connector } from "../../src/engine/ports.ts";
import { parseCidr } from "../../src/kernel/cidr.ts";

const events: EngineEvent[] = [];
const served = new Set<string>();
const bridges = new Map<string, string[]>();
const containers: Container[] = [];
let networks: Networks & Connector;
let app: FastifyInstance;

before(async () => {
  const records = new Map<string, NetworkRecord>();
  const bus = createEventBus(() => process.hrtime.bigint());
  bus.subscribe((event) => events.push(event));
  networks = await createNetworks({
    table: {
      all: () => [...records.values()],
      put: (key, record) => records.set(key, record),
      remove: (key) => records.delete(key),
    },
    host: fakeHost(),
    names: {
      start: async ({ id }) => void served.add(id),
      stop: async (id) => void served.delete(id),
      listening: (id) => (served.has(id) ? { address: "172.18.0.1", port: 5353 } : undefined),
      govern() {},
      close: async () => {},
    },
    store: {
      all: () => containers,
      find: (ref) => {
        const found = containers.find(({ record }) => record.name === ref);
        assert.ok(found, ref);
        return found;
      },
      save: () => {},
    },
    events: bus,
    clock: { now: () => "2026-01-02T03:04:05.123456789Z" },
    newId: () => randomBytes(32).toString("hex"),
    options: { bridge: "clt0", bip: "10.99.0.1/24", ip: "", icc: true, mtu: 0, addressPools: [] },
    log: (message) => assert.fail(message),
  });
  app = fastify();
  app.setErrorHandler((error, _request, reply) => {
    const { status, message } = errorAnswer(error);
    reply.code(status).send({ message });
  });
  networkRoutes(app, { networks });
});
after(() => networks.close());

function fakeHost(): HostNetwork {
  return {
    usedSubnets: async () => [parseCidr("172.18.0.0/16")?.subnet].filter((subnet) => subnet !== undefined),
    ensureBridge: async ({ name, addresses }) => {
      if (name === "br-broken") throw new Error("the kernel says no");
      return bridges.set(name, addresses).size;
    },
    removeLink: async (name) => void bridges.delete(name),
    hasLink: async (name) => bridges.has(name) || name === "eth0",
    ensureParent: async (name) => bridges.set(name, []).size,
    firewall: {
      setNetworks: async () => {},
      publish: async () => {},
      unpublish: async () => {},
      open: async () => {},
      reportEgress: async () => [],
      close: async () => {},
    },
    holdPort: async () => ({ close: async () => {} }),
    ephemeralPorts: async () => [40000, 40001],
    apply: async () => {},
    interfaceNames: async () => ["lo"],
  };
}

async function call(method: "GET" | "POST" | "DELETE", url: string, payload?: object) {
  const answer = await app.inject({ method, url, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.body === "" ? undefined : answer.json() };
}
const filters = (value: object) => `filters=${encodeURIComponent(JSON.stringify(value))}`;
const names = async (value: object) =>
  (await call("GET", `/networks?${filters(value)}`)).body.map(({ Name }: { Name: string }) => Name).sort();

test("the three default networks are there, shown as docker shows them", async () => {
  assert.deepEqual(await names({}), ["bridge", "host", "none"]);
  const { Id, ...bridge } = (await call("GET", "/networks/bridge")).body;
  assert.match(Id, /^[0-9a-f]{64}$/);
  assert.deepEqual(bridge, {
    Name: "bridge",
    Created: "2026-01-02T03:04:05.123456789Z",
    Scope: "local",
    Driver: "bridge",
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: "default", Options: null, Config: [{ Subnet: "10.99.0.0/24", Gateway: "10.99.0.1" }] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: {},
    Options: {
      "com.docker.network.bridge.default_bridge": "true",
      "com.docker.network.bridge.enable_icc": "true",
      "com.docker.network.bridge.enable_ip_masquerade": "true",
      "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",
      "com.docker.network.bridge.name": "clt0",
      "com.docker.network.driver.mtu": "1500",
    },
    Labels: {},
  });
  assert.equal((await call("GET", `/networks/${Id.slice(0, 6)}`)).body.Name, "bridge");
});

test("a network is created with what was asked for, found by name and id, and removed", async () => {
  const made = await call("POST", "/networks/create", {
    Name: "app",
    Labels: { tier: "web" },
    Internal: true,
    IPAM: {
      Config: [
        {
          Subnet: "10.50.0.0/16",
          IPRange: "10.50.7.0/24",
          Gateway: "10.50.0.9",
          AuxiliaryAddresses: { a: "10.50.7.1" },
        },
      ],
    },
  });
  assert.equal(made.status, 201);
  assert.equal(made.body.Warning, "");
  const shown = (await call("GET", `/networks/${made.body.Id}`)).body;
  assert.deepEqual(shown.IPAM.Config, [
    { Subnet: "10.50.0.0/16", IPRange: "10.50.7.0/24", Gateway: "10.50.0.9", AuxiliaryAddresses: { a: "10.50.7.1" } },
  ]);
  assert.deepEqual([shown.Internal, shown.Labels], [true, { tier: "web" }]);
  assert.deepEqual(bridges.get(`br-${made.body.Id.slice(0, 12)}`), ["10.50.0.9/16"]);
  assert.deepEqual(await names({ label: ["tier=web"] }), ["app"]);
  assert.deepEqual(await names({ type: ["custom"] }), ["app"]);
  assert.deepEqual(await names({ dangling: ["true"] }), ["app"]);
  assert.deepEqual(await names({ driver: ["null", "host"] }), ["host", "none"]);
  assert.deepEqual(await names({ name: ["bri"] }), ["bridge"]);
  assert.deepEqual(await call("DELETE", "/networks/app"), { status: 204, body: undefined });
  assert.deepEqual([...bridges.keys()], ["clt0"]);
  assert.deepEqual(
    events.map(({ Action, Actor }) => [Action, Actor.Attributes.name]),
    [
      ["create", "app"],
      ["destroy", "app"],
    ],
  );
});

test("subnets are chosen that nothing overlaps, IPv6 ones too", async () => {
  await call("POST", "/networks/create", { Name: "first", EnableIPv6: true });
  await call("POST", "/networks/create", { Name: "second" });
  const [four, six] = (await call("GET", "/networks/first")).body.IPAM.Config;
  assert.deepEqual(four, { Subnet: "172.19.0.0/16", Gateway: "172.19.0.1" });
  assert.match(six.Subnet, /^fd[0-9a-f:]+::\/64$/);
  assert.equal(six.Gateway, six.Subnet.replace("/64", "1"));
  assert.equal((await call("GET", "/networks/second")).body.IPAM.Config[0].Subnet, "172.20.0.0/16");
  assert.deepEqual((await call("POST", "/networks/prune")).body, { NetworksDeleted: ["first", "second"] });
});

test("requests that cannot be met are refused with docker's status and words, and leave nothing", async () => {
  await call("POST", "/networks/create", { Name: "taken", IPAM: { Config: [{ Subnet: "10.60.0.0/16" }] } });
  const refused: [object, number, RegExp][] = [
    [{ Name: "taken" }, 409, /^network with name taken already exists$/],
    [
      { Name: "x", IPAM: { Config: [{ Subnet: "10.60.1.0/24" }] } },
      403,
      /Pool overlaps with other one on this address space$/,
    ],
    [{ Name: "bridge" }, 403, /^operation is not permitted on predefined bridge network$/],
    [{ Name: "" }, 400, /name is empty/],
    [{ Name: "a b" }, 400, /only \[a-zA-Z0-9\]/],
    [{ Name: "x", Driver: "nope" }, 404, /plugin.*not found/],
    [{ Name: "x", Driver: "overlay" }, 503, /not a swarm manager/],
    [{ Name: "x", Driver: "macvlan", Options: { parent: "lo" } }, 400, /loopback interface is not a valid macvlan/],
    [{ Name: "x", Driver: "macvlan", Options: { macvlan_mode: "y" } }, 400, /requested macvlan mode 'y' is not valid/],
    [{ Name: "x", Driver: "ipvlan", Options: { ipvlan_flag: "y" } }, 400, /requested ipvlan flag 'y' is not valid/],
    [{ Name: "x", ConfigOnly: true, Internal: true }, 403, /can only contain network specific fields/],
    [{ Name: "x", ConfigFrom: { Network: "taken" } }, 404, /configuration network "taken" does not exist/],
    [{ Name: "x", Ingress: true }, 403, /Ingress network can only be global scope network/],
    [{ Name: "x", Scope: "swarm" }, 403, /cannot create a swarm scoped network when swarm is not active/],
    [
      { Name: "x", Options: { "com.docker.network.bridge.gateway_mode_ipv4": "isolated" } },
      400,
      /'isolated' can only be used for an internal network/,
    ],
    [{ Name: "x", IPAM: { Config: [{ Subnet: "10.61.0.5/16" }] } }, 400, /it should be 10\.61\.0\.0\/16/],
    [{ Name: "x", IPAM: { Config: [{ Subnet: "10.61.0.0" }] } }, 400, /invalid CIDR address/],
    [{ Name: "x", IPAM: { Config: [{ Subnet: "10.61.0.0/16", Gateway: "10.62.0.1" }] } }, 400, /gateway 10\.62\.0\.1/],
    [{ Name: "x", IPAM: { Config: [{ Subnet: "10.61.0.0/16", IPRange: "10.62.0.0/24" }] } }, 400, /ip-range/],
    [{ Name: "x", Options: { "com.docker.network.bridge.name": "../../x" } }, 400, /invalid interface name/],
    [{ Name: "x", Options: { "com.docker.network.driver.mtu": "huge" } }, 400, /MTU/],
    [{ Name: "x", Options: { "com.docker.network.bridge.name": "br-broken" } }, 500, /the kernel says no/],
    [
      { Name: "x", Internal: "yes" },
      400,
      /cannot unmarshal string into Go struct field CreateRequest\.Internal of type bool/,
    ],
  ];
  for (const [body, status, message] of refused) {
    const answer = await call("POST", "/networks/create", body);
    assert.equal(answer.status, status, `${JSON.stringify(body)}: ${answer.body.message}`);
    assert.match(answer.body.message, message);
  }
  assert.deepEqual(await names({ type: ["custom"] }), ["taken"]);
  assert.equal(bridges.size, 2);
  assert.equal((await call("DELETE", "/networks/taken")).status, 204);
});

test("what is missing or predefined: 404, 403", async () => {
  assert.deepEqual(await call("GET", "/networks/nothing"), {
    status: 404,
    body: { message: "network nothing not found" },
  });
  assert.equal((await call("DELETE", "/networks/nothing")).status, 404);
  assert.deepEqual(await call("DELETE", "/networks/host"), {
    status: 403,
    body: { message: "host is a pre-defined network and cannot be removed" },
  });
  for (const wrong of [{ colour: ["red"] }, { type: ["odd"] }, { dangling: ["maybe"] }])
    assert.equal((await call("GET", `/networks?${filters(wrong)}`)).status, 400, JSON.stringify(wrong));
});

test("a stopped container is connected for its next start, once, and disconnected", async () => {
  await call("POST", "/networks/create", { Name: "later" });
  const record = aRecord({ name: "sleeper" });
  record.hostConfig.NetworkMode = "bridge";
  containers.push({ record, exclusive: (work: () => Promise<unknown>) => work() } as Container);
  const request = { Container: "sleeper", EndpointConfig: { Aliases: ["also"] } };
  assert.equal((await call("POST", "/networks/later/connect", request)).status, 200);
  assert.deepEqual(record.networking.later?.Aliases, ["also"]);
  assert.deepEqual(await call("POST", "/networks/later/connect", request), {
    status: 403,
    body: { message: "endpoint with name sleeper already exists in network later" },
  });
  assert.equal((await call("POST", "/networks/later/disconnect", { Container: "sleeper" })).status, 200);
  assert.deepEqual(record.networking, {});
  const again = await call("POST", "/networks/later/disconnect", { Container: "sleeper" });
  assert.equal(again.status, 500);
  assert.match(again.body.message, /^container [0-9a-f]{64} is not connected to network later$/);
  containers.length = 0;
  await call("DELETE", "/networks/later");
});

test("prepare gives addresses that release gives back, and refuses those in use", async () => {
  await call("POST", "/networks/create", { Name: "net", IPAM: { Config: [{ Subnet: "10.70.0.0/29" }] } });
  const prepare = (containerId: string, ipv4?: string) =>
    networks.prepare({
      endpoints: [
        { containerId, name: containerId, hostname: "h", aliases: [], network: "net", ...(ipv4 && { ipv4 }) },
      ],
      ports: [],
    });
  const first = await prepare("one");
  assert.equal(first.endpoints[0]?.ipv4, "10.70.0.2");
  assert.deepEqual(first.endpoints[0]?.dnsNames, ["one", "h"]);
  await assert.rejects(prepare("two", "10.70.0.2"), { kind: "forbidden", message: "Address already in use" });
  await assert.rejects(
    prepare("two", "10.71.0.2"),
    /no configured subnet or ip-range contain the IP address 10\.71\.0\.2/,
  );
  await assert.rejects(
    call("DELETE", "/networks/net").then(({ body }) => Promise.reject(new Error(body.message))),
    /has active endpoints/,
  );
  await networks.release("one");
  await networks.release("one");
  assert.equal((await prepare("two")).endpoints[0]?.ipv4, "10.70.0.2");
  await networks.release("two");
  assert.equal((await call("DELETE", "/networks/net")).status, 204);
});
