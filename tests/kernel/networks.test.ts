/** What containers on networks can reach, and what they cannot: bridges, rules and ports of this kernel. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { emptyEndpointSettings } from "../../src/wire/container.ts";
import { networkCreate } from "../../src/wire/decode-network.ts";
import { parseFilters } from "../../src/wire/filters.ts";
import { command } from "../support/command.ts";
import { until } from "../support/until.ts";
import { ask, openScene, type Scene, type SceneContainer, tcp } from "./network-scene.ts";
import { inOwnNetwork } from "./own-network.ts";

/** The host's address on a link to others. */
const HOST = "198.51.100.1";

inOwnNetwork(import.meta.url, () => {
  let scene: Scene;
  let web: SceneContainer;
  let near: SceneContainer;
  let far: SceneContainer;

  before(async () => {
    await command("sh", [
      "-c",
      `ip link add lan0 type bridge && ip addr add ${HOST}/24 dev lan0 && ip link set lan0 up`,
    ]);
    scene = await openScene();
    await scene.networks.create(networkCreate({ Name: "two", EnableIPv6: true }));
    web = await scene.start(
      "web",
      [{ network: "bridge" }],
      [
        tcp(80, 8080),
        tcp(80, 8081, "127.0.0.1"),
        tcp(80, 8082, HOST),
        tcp(80, [8080, 8090]),
        tcp(80),
        { proto: "udp", containerPort: 80, hostIp: "", hostPort: 8080 },
      ],
    );
    near = await scene.start("near", [{ network: "bridge" }]);
    far = await scene.start("far", [{ network: "two" }]);
  });
  after(() => scene?.close());
  const address = (container: SceneContainer) => container.record.endpoints[0]?.ipv4 ?? "";

  test("containers of one network, and the host, reach each other", async () => {
    assert.equal(await near.ask(address(web), 80), `web ${address(near)}`);
    assert.match(await ask(address(web), 80), /^web /);
    assert.equal(await web.ask(address(near), 80), `near ${address(web)}`);
  });

  test("a container has one address, one route out, no IPv6, and its MAC follows the address", async () => {
    const shown = await web.run(
      "ip -o addr show dev eth0; ip route; cat /sys/class/net/lo/operstate; ip -o link show eth0",
    );
    assert.match(shown, /inet 172\.18\.0\.2\/16 /);
    assert.match(shown, /default via 172\.18\.0\.1 dev eth0/);
    assert.match(shown, /link\/ether 02:42:ac:12:00:02/);
    assert.doesNotMatch(shown, /inet6/);
  });

  test("a published port answers on loopback, IPv4 and IPv6, and on the host's own address", async () => {
    for (const host of ["127.0.0.1", "::1", HOST]) assert.match(await ask(host, 8080), /^web /, host);
  });

  test("a published port answers containers: of its network, of another one, and its own", async () => {
    for (const container of [near, far, web])
      assert.match(await container.ask(HOST, 8080), /^web /, container.record.name);
  });

  test("a port published on one address answers there only", async () => {
    assert.match(await ask("127.0.0.1", 8081), /^web /);
    assert.equal(await ask(HOST, 8081), "");
    assert.equal(await far.ask(HOST, 8081), "");
    assert.match(await ask(HOST, 8082), /^web /);
    assert.equal(await ask("127.0.0.1", 8082), "");
  });

  test("a range gives its first free port, no number one of the kernel's ephemeral ports", () => {
    const ports = web.record.ports.filter(({ hostIp, proto }) => hostIp === "0.0.0.0" && proto === "tcp");
    assert.deepEqual(
      ports.slice(0, 2).map(({ hostPort }) => hostPort),
      [8080, 8083],
    );
    assert.ok((ports[2]?.hostPort ?? 0) >= 32768);
  });

  test("UDP is published too", async () => {
    for (const [type, host] of [
      ["udp4", "127.0.0.1"],
      ["udp6", "::1"],
    ] as const) {
      const socket = createSocket(type);
      const answer = new Promise<string>((done) => socket.once("message", (message) => done(message.toString())));
      const timer = setInterval(() => socket.send("hello", 8080, host), 200);
      assert.equal(await answer, "web hello", host);
      clearInterval(timer);
      socket.close();
    }
  });

  test("networks are isolated from each other", async () => {
    assert.equal(await far.ask(address(web), 80), "");
    assert.equal(await web.ask(address(far), 80), "");
  });

  test("a container does not reach what listens on the host's loopback", async () => {
    const secret = createServer((socket) => socket.end("secret"));
    await new Promise<void>((done) => secret.listen(7000, "127.0.0.1", done));
    await near.run(
      "ip route add 127.0.0.1/32 via 172.18.0.1 dev eth0 src 172.18.0.3 table local; ip addr del 127.0.0.1/8 dev lo",
    );
    assert.equal(await near.ask("127.0.0.1", 7000), "");
    secret.close();
  });

  test("an internal network has no way out, and inside of it all is well", async () => {
    await scene.networks.create(networkCreate({ Name: "inner", Internal: true }));
    const a = await scene.start("a", [{ network: "inner" }], [tcp(80, 8099)]);
    const b = await scene.start("b", [{ network: "inner" }]);
    assert.match(await b.ask(address(a), 80), /^a /);
    assert.equal(await a.ask(address(web), 80), "");
    assert.equal(await ask("127.0.0.1", 8099), "");
    assert.doesNotMatch(await a.run("ip route"), /default/);
    await a.stop();
    await b.stop();
    await scene.networks.remove("inner");
  });

  test("without inter-container communication, containers of one network do not see each other", async () => {
    await scene.networks.create(
      networkCreate({ Name: "apart", Options: { "com.docker.network.bridge.enable_icc": "false" } }),
    );
    const a = await scene.start("a", [{ network: "apart" }]);
    const b = await scene.start("b", [{ network: "apart" }]);
    assert.equal(await a.ask(address(b), 80), "");
    assert.match(await ask(address(b), 80), /^b /);
    await a.stop();
    await b.stop();
    await scene.networks.remove("apart");
  });

  test("a port in use is refused with docker's words, and nothing stays reserved", async () => {
    await assert.rejects(scene.start("late", [{ network: "bridge" }], [tcp(80, 8080)]), {
      message:
        /^driver failed programming external connectivity on endpoint late \([0-9a-f]{64}\): Bind for 0\.0\.0\.0:8080 failed: port is already allocated$/,
    });
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(7001, "0.0.0.0", done));
    await assert.rejects(scene.start("late", [{ network: "bridge" }], [tcp(80, 7000), tcp(80, 7001)]), {
      message: /failed to bind host port for 0\.0\.0\.0:7001:172\.18\.0\.\d+:80\/tcp: address already in use$/,
    });
    taken.close();
    const free = await scene.start("free", [{ network: "bridge" }], [tcp(80, 7000)]);
    assert.equal(address(free), "172.18.0.4");
    await free.stop();
    assert.equal(await ask("127.0.0.1", 7000), "");
  });

  test("a host without IPv6 publishes on IPv4", async () => {
    const sysctl = (value: number) =>
      command("sh", [
        "-c",
        `echo ${value} > /proc/sys/net/ipv6/conf/lo/disable_ipv6; echo ${value} > /proc/sys/net/ipv6/conf/all/disable_ipv6`,
      ]);
    await sysctl(1);
    const four = await scene.start("four", [{ network: "bridge" }], [tcp(80, 7005)]);
    assert.match(await ask("127.0.0.1", 7005), /^four /);
    await four.stop();
    await sysctl(0);
  });

  test("rules that somebody flushes come back; meanwhile the published port answers", async () => {
    await command("nft", ["flush", "ruleset"]);
    assert.match(await ask("127.0.0.1", 8080), /^web /);
    await until(async () => (await command("nft", ["list", "table", "inet", "cloche_clt0"])).code === 0);
    assert.equal(await far.ask(address(web), 80), "");
    assert.match(await far.ask(HOST, 8080), /^web /);
    // Once: the watch does not take our own changes for somebody else's.
    const restored = () => scene.log.filter((message) => message.includes("they are restored")).length;
    await until(() => restored() === 1);
  });

  test("a running container is connected to a second network, and disconnected", async () => {
    await scene.networks.connect("two", {
      Container: "near",
      EndpointConfig: { ...emptyEndpointSettings(), Aliases: ["also"], IPAMConfig: { IPv4Address: "172.19.0.77" } },
    });
    assert.match(await near.run("ip -o -4 addr show dev eth1"), /172\.19\.0\.77\/16/);
    assert.match(await near.ask(address(far), 80), /^far /);
    const shown = scene.networks.inspect("two").Containers[near.record.id];
    assert.equal(shown?.IPv4Address, "172.19.0.77/16");
    await assert.rejects(
      scene.networks.connect("two", { Container: "near", EndpointConfig: emptyEndpointSettings() }),
      {
        kind: "forbidden",
        message: "endpoint with name near already exists in network two",
      },
    );
    await scene.networks.disconnect("two", { Container: "near", Force: false });
    assert.doesNotMatch(await near.run("ip -o link"), /eth1/);
    await assert.rejects(scene.networks.disconnect("two", { Container: "near", Force: false }), {
      message: `container ${near.record.id} is not connected to network two`,
    });
  });

  test("a network with containers is not removed, the three never", async () => {
    const [endpoint] = far.record.endpoints;
    await assert.rejects(scene.networks.remove("two"), {
      kind: "forbidden",
      message: `error while removing network: network two has active endpoints (name:"far" id:"${endpoint?.endpointId.slice(0, 12)}")`,
    });
    for (const name of ["bridge", "host", "none"])
      await assert.rejects(scene.networks.remove(name), {
        message: `${name} is a pre-defined network and cannot be removed`,
      });
    assert.deepEqual(await scene.networks.prune(parseFilters(undefined, [])), { NetworksDeleted: [] });
  });

  test("after a restart of the engine all is as before, and addresses and ports in use are not given again", async () => {
    const id = scene.networks.inspect("bridge").Id;
    await scene.restart();
    assert.equal(scene.networks.inspect("bridge").Id, id);
    assert.match(await ask("127.0.0.1", 8080), /^web /);
    assert.match(await far.ask(HOST, 8080), /^web /);
    await assert.rejects(scene.start("late", [{ network: "bridge" }], [tcp(80, 8080)]), /port is already allocated/);
    const next = await scene.start("next", [{ network: "bridge" }]);
    assert.equal(address(next), "172.18.0.4");
    await next.stop();
  });

  test("at the end nothing is left on the host: links, rules", async () => {
    for (const container of [web, near, far]) await container.stop();
    await scene.networks.remove("two");
    await scene.networks.close();
    assert.equal(scene.log.filter((message) => message.includes("they are restored")).length, 1, scene.log.join("\n"));
    assert.equal((await command("nft", ["list", "tables"])).stdout, "");
    const links = (await command("ip", ["-o", "link"])).stdout.split("\n").map((line) => line.split(":")[1]?.trim());
    assert.deepEqual(links.filter(Boolean).sort(), ["lan0", "lo"]);
  });
});
