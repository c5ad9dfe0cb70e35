/** macvlan and ipvlan: containers beside the host on a link of its own, with an outside that only this test can reach. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { emptyEndpointSettings } from "../../src/wire/container.ts";
import { networkCreate } from "../../src/wire/decode-network.ts";
import { command } from "../support/command.ts";
import { until } from "../support/until.ts";
import { openScene, type Scene, type SceneContainer } from "./network-scene.ts";
import { type Outside, openOutside } from "./outside.ts";
import { inOwnNetwork } from "./own-network.ts";

const RESOLVE = `require("node:dns").setServers(["127.0.0.11"]);
  require("node:dns").resolve4(process.argv[1], (error, answer) => console.log(error ? error.code : answer.join(" ")));`;

inOwnNetwork(import.meta.url, () => {
  let scene: Scene;
  let lan: Outside;
  let kinds: Set<string>;
  const links = async () => (await command("ip", ["-o", "link"])).stdout;
  const resolve = (from: SceneContainer, name: string) => from.run(`${process.execPath} -e '${RESOLVE}' ${name}`);
  const address = ({ record }: SceneContainer, index = 0) => record.endpoints[index]?.ipv4 ?? "";
  const create = (name: string, driver: string, subnet: string, more: object = {}) =>
    scene.networks.create(
      networkCreate({ Name: name, Driver: driver, IPAM: { Config: [{ Subnet: subnet }] }, ...more }),
    );

  before(async () => {
    lan = await openOutside({ link: "up0", addresses: ["192.0.2.1/24", "198.51.100.1/24"] });
    scene = await openScene({ bridge: "clv0" });
    kinds = new Set();
    for (const kind of ["macvlan", "ipvlan", "vlan id 9"]) {
      const made = await command("sh", ["-c", `ip link add link up0 name probe0 type ${kind} && ip link del probe0`]);
      if (made.code === 0) kinds.add(kind);
    }
  });
  after(async () => {
    await scene?.close();
    await lan?.close();
  });

  test("containers on a macvlan network reach each other and the link's other end, with names, but not the host", async (t) => {
    if (!kinds.has("macvlan")) return t.skip("this kernel has no macvlan");
    await create("mac", "macvlan", "192.0.2.0/24", { Options: { parent: "up0" } });
    const one = await scene.start("one", [{ network: "mac", ipv4: "192.0.2.10" }]);
    const two = await scene.start("two", [{ network: "mac", ipv4: "192.0.2.11", aliases: ["zwei"] }]);
    assert.equal(await one.ask("192.0.2.1", 80), "outside 192.0.2.10");
    assert.equal(await one.ask(address(two), 80), "two 192.0.2.10");
    assert.equal(await resolve(one, "zwei"), "192.0.2.11");
    assert.match(await one.run("ip route"), /default via 192\.0\.2\.1 dev eth0/);
    assert.doesNotMatch(await links(), /veth\w+@.*master (?!br-)/);
    // The bridge to the DNS server leads to nothing else: not to the host's servers, not to each other.
    const dns = await one.run("ip -4 -o addr show dns0");
    assert.match(dns, /169\.254\.\d+\.\d+\/32/);
    const gateway = /via (169\.254\S+) dev dns0/.exec(await one.run("ip route show table local"))?.[1] ?? "";
    const server = await command("sh", ["-c", "echo"]);
    assert.equal(server.code, 0);
    await one.run(`ip route add ${gateway} dev dns0`);
    assert.equal(await one.ask(gateway, 80), "");
    await two.stop();
    assert.notEqual(await resolve(one, "zwei"), "192.0.2.11");
    await one.stop();
    await scene.networks.remove("mac");
    assert.doesNotMatch(await links(), /br-/, "the bridge to the DNS server goes with the last network that needs it");
  });

  test("a running container is connected to a macvlan network, and its default route follows", async (t) => {
    if (!kinds.has("macvlan")) return t.skip("this kernel has no macvlan");
    await create("mac", "macvlan", "192.0.2.0/24", { Options: { parent: "up0", macvlan_mode: "bridge" } });
    const wanderer = await scene.start("wanderer", [{ network: "bridge" }]);
    const EndpointConfig = emptyEndpointSettings();
    await scene.networks.connect("mac", { Container: "wanderer", EndpointConfig });
    assert.match(await wanderer.run("ip route"), /default via 172\.\S+ dev eth0/);
    assert.match(await wanderer.ask("192.0.2.1", 80), /^outside 192\.0\.2\./);
    assert.equal(await resolve(wanderer, "wanderer"), address(wanderer, 1));
    await scene.networks.disconnect("bridge", { Container: "wanderer", Force: false });
    assert.match(await wanderer.run("ip route"), /default via 192\.0\.2\.1 dev eth1/);
    await scene.networks.connect("bridge", { Container: "wanderer", EndpointConfig });
    await scene.networks.disconnect("mac", { Container: "wanderer", Force: false });
    const left = await wanderer.run("ip route; ip -o link");
    assert.match(left, /default via 172\.\S+ dev eth0/);
    assert.doesNotMatch(left, /eth1|dns0/);
    await wanderer.stop();
    await scene.networks.remove("mac");
  });

  test("without a parent, and internal, there is no way out", async (t) => {
    if (!kinds.has("macvlan")) return t.skip("this kernel has no macvlan");
    await create("alone", "macvlan", "198.51.100.0/24");
    assert.match(await links(), /dm-[0-9a-f]{12}/);
    await create("inner", "macvlan", "192.0.2.0/24", { Options: { parent: "up0" }, Internal: true });
    const [one, two, inner] = await Promise.all([
      scene.start("one", [{ network: "alone" }]),
      scene.start("two", [{ network: "alone" }]),
      scene.start("inner", [{ network: "inner" }]),
    ]);
    assert.match(await one.ask(address(two), 80), /^two/);
    assert.equal(await one.ask("198.51.100.1", 80), "");
    assert.doesNotMatch(await inner.run("ip route"), /default/);
    await Promise.all([one, two, inner].map((container) => container.stop()));
    await scene.networks.remove("alone");
    await scene.networks.remove("inner");
    assert.doesNotMatch(await links(), /dm-/);
  });

  test("containers outlive the engine's restart with addresses, names and the parent that was made", async (t) => {
    if (!kinds.has("macvlan")) return t.skip("this kernel has no macvlan");
    await create("alone", "macvlan", "198.51.100.0/24");
    const one = await scene.start("one", [{ network: "alone" }]);
    await scene.restart();
    const two = await scene.start("two", [{ network: "alone" }]);
    assert.notEqual(address(one), address(two));
    assert.equal(await resolve(one, "two"), address(two));
    assert.match(await two.ask(address(one), 80), /^one/);
    await one.stop();
    await two.stop();
    await scene.networks.remove("alone");
  });

  test("mode private keeps containers from each other; passthru takes the parent for one", async (t) => {
    if (!kinds.has("macvlan")) return t.skip("this kernel has no macvlan");
    await create("apart", "macvlan", "192.0.2.0/24", { Options: { parent: "up0", macvlan_mode: "private" } });
    const one = await scene.start("one", [{ network: "apart" }]);
    const two = await scene.start("two", [{ network: "apart" }]);
    assert.equal(await one.ask(address(two), 80), "");
    assert.match(await one.ask("192.0.2.1", 80), /^outside/);
    await one.stop();
    await two.stop();
    await assert.rejects(
      create("whole", "macvlan", "198.51.100.0/24", { Options: { parent: "up0", macvlan_mode: "passthru" } }),
      /is already using parent interface up0$/,
    );
    await scene.networks.remove("apart");
    await create("whole", "macvlan", "198.51.100.0/24", { Options: { parent: "up0", macvlan_mode: "passthru" } });
    const whole = await scene.start("whole", [{ network: "whole" }]);
    assert.match(await whole.ask("198.51.100.1", 80), /^outside/);
    await whole.stop();
    await scene.networks.remove("whole");
  });

  test("ipvlan in modes l2 and l3, and in mode l3 without a gateway", async (t) => {
    if (!kinds.has("ipvlan")) return t.skip("this kernel has no ipvlan");
    for (const mode of ["l2", "l3"]) {
      await create("ip", "ipvlan", "192.0.2.0/24", { Options: { parent: "up0", ipvlan_mode: mode } });
      const one = await scene.start("one", [{ network: "ip" }]);
      const two = await scene.start("two", [{ network: "ip" }]);
      assert.equal(one.record.endpoints[0]?.mac, "");
      // In l3 the host is a router between its link and the containers: nobody is asked by ARP, and the others need a route.
      if (mode === "l3") {
        await command("ip", ["addr", "add", "192.0.2.250/24", "dev", "up0"]);
        await lan.run(`ip route add ${address(one)}/32 via 192.0.2.250`);
      }
      assert.match(await one.ask(address(two), 80), /^two/);
      assert.match(await one.ask("192.0.2.1", 80), /^outside/, mode);
      assert.equal(await resolve(one, "two"), address(two));
      assert.match(await one.run("ip route"), mode === "l3" ? /default dev eth0/ : /default via 192\.0\.2\.1 dev eth0/);
      await one.stop();
      await two.stop();
      await scene.networks.remove("ip");
    }
    await command("ip", ["addr", "del", "192.0.2.250/24", "dev", "up0"]);
  });

  test("up0.10 is made as VLAN 10 of up0, is another network than up0, and goes with its network", async (t) => {
    if (!kinds.has("macvlan") || !kinds.has("vlan id 9")) return t.skip("this kernel has no VLANs");
    // A subnet that the link itself has not: the answer would take the way without a tag.
    await lan.run(
      "ip link add link far0 name far0.10 type vlan id 10; ip addr add 203.0.113.9/24 dev far0.10; ip link set far0.10 up",
    );
    await create("tagged", "macvlan", "203.0.113.0/24", { Options: { parent: "up0.10" } });
    const one = await scene.start("one", [{ network: "tagged" }]);
    await until(async () => (await one.ask("203.0.113.9", 80)).startsWith("outside"));
    await one.stop();
    await scene.networks.remove("tagged");
    assert.doesNotMatch(await links(), /up0\.10/);
  });
});
