/** How bridges stand to the rest: gateway modes, networks without IPv4, and who may come in. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { networkCreate } from "../../src/wire/decode-network.ts";
import { command } from "../support/command.ts";
import { openScene, type Scene, type SceneContainer, tcp } from "./network-scene.ts";
import { type Outside, openOutside } from "./outside.ts";
import { inOwnNetwork } from "./own-network.ts";

const MODE = "com.docker.network.bridge.gateway_mode_ipv";
const RESOLVE = `require("node:dns").setServers(["127.0.0.11"]);
  require("node:dns").resolve(process.argv[1], process.argv[2], (error, answer) => console.log(error ? error.code : answer.join(" ")));`;

inOwnNetwork(import.meta.url, () => {
  let scene: Scene;
  let world: Outside;
  const resolve = (from: SceneContainer, name: string, kind: string) =>
    from.run(`${process.execPath} -e '${RESOLVE}' ${name} ${kind}`);
  const create = (Name: string, Options: Record<string, string>, more: object = {}) =>
    scene.networks.create(networkCreate({ Name, Options, ...more }));
  const from = (host: string, port: number) => world.run(`busybox nc -w 2 ${host} ${port} 2>&1 || true`);

  before(async () => {
    world = await openOutside({ link: "out0", addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] });
    await command("ip", ["addr", "add", "192.0.2.254/24", "dev", "out0"]);
    await command("ip", ["addr", "add", "2001:db8:1::254/64", "dev", "out0", "nodad"]);
    await world.run("ip route add 198.51.100.0/24 via 192.0.2.254");
    scene = await openScene({ bridge: "clm0" });
  });
  after(async () => {
    await scene?.close();
    await world?.close();
  });

  test("routed: the container's own address is seen outside, and its published ports are reached there, no others", async () => {
    await create("routed", { [`${MODE}4`]: "routed" }, { IPAM: { Config: [{ Subnet: "198.51.100.0/24" }] } });
    const web = await scene.start("web", [{ network: "routed" }], [tcp(80)]);
    const shut = await scene.start("shut", [{ network: "routed" }]);
    assert.equal(await web.ask("192.0.2.1", 80), "outside 198.51.100.2");
    assert.match(await from("198.51.100.2", 80), /^web 192\.0\.2\.1/);
    assert.doesNotMatch(await from("198.51.100.3", 80), /shut/);
    await scene.restart();
    assert.match(await from("198.51.100.2", 80), /^web/);
    await web.stop();
    await shut.stop();
    await scene.networks.remove("routed");
  });

  test("nat hides the address and keeps the world out; nat-unprotected lets it in", async () => {
    const config = { IPAM: { Config: [{ Subnet: "198.51.100.0/24" }] } };
    for (const mode of ["nat", "nat-unprotected"]) {
      await create("bare", { [`${MODE}4`]: mode }, config);
      const web = await scene.start("web", [{ network: "bare" }]);
      assert.equal(await web.ask("192.0.2.1", 80), "outside 192.0.2.254");
      assert.match(await from("198.51.100.2", 80), mode === "nat" ? /^(?!web)/ : /^web/, mode);
      await web.stop();
      await scene.networks.remove("bare");
    }
  });

  test("isolated: the host has no address on the bridge, and names are known all the same", async () => {
    await create(
      "alone",
      { [`${MODE}4`]: "isolated", "com.docker.network.bridge.name": "clalone0" },
      { Internal: true },
    );
    const one = await scene.start("one", [{ network: "alone" }]);
    const two = await scene.start("two", [{ network: "alone" }]);
    assert.doesNotMatch((await command("ip", ["-4", "addr", "show", "dev", "clalone0"])).stdout, /inet /);
    const address = two.record.endpoints[0]?.ipv4 ?? "";
    assert.match(await one.ask(address, 80), /^two/);
    assert.equal(await resolve(one, "two", "A"), address);
    await one.stop();
    await two.stop();
    await scene.networks.remove("alone");
  });

  test("a network without IPv4 has names, and a way out by IPv6", async () => {
    const config = { EnableIPv4: false, EnableIPv6: true, IPAM: { Config: [{ Subnet: "2001:db8:2::/64" }] } };
    await create("six", {}, config);
    const one = await scene.start("one", [{ network: "six" }]);
    const two = await scene.start("two", [{ network: "six" }]);
    assert.equal(one.record.endpoints[0]?.ipv4, "");
    assert.equal(await resolve(one, "two", "AAAA"), two.record.endpoints[0]?.ipv6);
    assert.match(await one.run("ip -6 route"), /default via 2001:db8:2::1 dev eth0/);
    assert.equal(await one.ask("2001:db8:1::1", 80), "outside 2001:db8:1::254");
    await one.stop();
    await two.stop();
    await scene.networks.remove("six");
  });
});
