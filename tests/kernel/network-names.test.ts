/** The embedded DNS at 127.0.0.11, as programs in containers ask it. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { encode } from "dns-packet";
import { emptyEndpointSettings } from "../../src/wire/container.ts";
import { networkCreate } from "../../src/wire/decode-network.ts";
import { openScene, type Scene, type SceneContainer } from "./network-scene.ts";
import { inOwnNetwork } from "./own-network.ts";

const ASK = `
  const { Resolver } = require("node:dns");
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  resolver.setServers(["127.0.0.11"]);
  const [kind, name] = process.argv.slice(1);
  const done = (error, answer) => console.log(error ? error.code : [].concat(answer).join(" "));
  if (kind === "PTR") resolver.reverse(name, done); else resolver.resolve(name, kind, done);`;

inOwnNetwork(import.meta.url, () => {
  let scene: Scene;
  let one: SceneContainer;
  let two: SceneContainer;
  let both: SceneContainer;
  let other: SceneContainer;

  before(async () => {
    scene = await openScene();
    await scene.networks.create(networkCreate({ Name: "front", EnableIPv6: true }));
    await scene.networks.create(networkCreate({ Name: "back", Internal: true }));
    one = await scene.start("one", [{ network: "front", aliases: ["web"] }]);
    two = await scene.start("two", [{ network: "front", aliases: ["web", "WWW"] }]);
    both = await scene.start("both", [{ network: "back" }, { network: "front" }]);
    other = await scene.start("other", [{ network: "back" }]);
  });
  after(() => scene?.close());

  const resolve = (from: SceneContainer, kind: string, name: string) =>
    from.run(`${process.execPath} -e '${ASK}' ${kind} ${name}`);
  const address = (container: SceneContainer, index = 0) => container.record.endpoints[index]?.ipv4 ?? "";

  test("a container is found by its name, short id, alias in any case, and name with network", async () => {
    for (const name of ["two", two.record.id.slice(0, 12), "www", "TWO.front"])
      assert.equal(await resolve(one, "A", name), address(two), name);
  });

  test("IPv6 and reverse names are answered too", async () => {
    assert.equal(await resolve(one, "AAAA", "two"), two.record.endpoints[0]?.ipv6);
    assert.equal(await resolve(one, "PTR", address(two)), "two.front");
    assert.equal(await resolve(other, "AAAA", "both"), "ENODATA");
  });

  test("equal aliases take turns", async () => {
    const first = new Set<string | undefined>();
    for (let turn = 0; turn < 4; turn++) {
      const all = (await resolve(one, "A", "web")).split(" ");
      assert.deepEqual([...all].sort(), [address(one), address(two)]);
      first.add(all[0]);
    }
    assert.equal(first.size, 2);
  });

  test("names of networks that a container is not on do not exist for it", async () => {
    assert.equal(await resolve(other, "A", "one"), "ESERVFAIL");
    assert.equal(await resolve(one, "A", "other"), "ESERVFAIL");
    assert.equal(await resolve(both, "A", "one"), address(one));
    assert.equal(await resolve(both, "A", "other"), address(other));
  });

  test("a name appears with its container and goes with it", async () => {
    const late = await scene.start("late", [{ network: "front" }]);
    assert.equal(await resolve(one, "A", "late"), address(late));
    await late.stop();
    assert.equal(await resolve(one, "A", "late"), "ESERVFAIL");
  });

  test("what listens on a container's own loopback is not reached by its neighbours, and the container does reach it", async () => {
    const script = `require("node:net").createServer((s) => s.end("private")).listen(7000, "127.0.0.1")`;
    const server = one.run(`timeout 8 ${process.execPath} -e '${script}'`);
    const gateway = one.record.endpoints[0]?.gateway;
    assert.ok(gateway);
    await two.run(
      `ip route add 127.0.0.1/32 via ${address(one)} dev eth0 src ${address(two)} table local; ip addr del 127.0.0.1/8 dev lo`,
    );
    let own = "";
    while (own === "") own = await one.ask("127.0.0.1", 7000);
    assert.equal(own, "private");
    assert.equal(await two.ask("127.0.0.1", 7000), "");
    await server;
  });

  test("noise does not stop the server", async () => {
    const noise = [
      "",
      "00",
      "ffff",
      "000001000001000000000000c00c00010001",
      `0000010000ff00ff00ff00ff${"ff".repeat(400)}`,
      encode({ type: "response", id: 1, questions: [{ type: "A", name: "x" }] }).toString("hex"),
    ];
    const script = `
      const s = require("node:dgram").createSocket("udp4");
      for (const hex of process.argv.slice(1)) s.send(Buffer.from(hex, "hex"), 53, "127.0.0.11");
      setTimeout(() => s.close(), 200);`;
    await one.run(`${process.execPath} -e '${script}' ${noise.map((hex) => `"${hex}"`).join(" ")}`);
    assert.equal(await resolve(one, "A", "two"), address(two));
  });

  test("other names are not asked for by an internal network, by others they are", async () => {
    // Nothing here is sent to any name server but this one.
    const asked: number[] = [];
    const upstream = createSocket("udp4").on("message", (message) => asked.push(message.length));
    await new Promise<void>((done) => upstream.bind(53, "127.0.0.53", done));
    scene.upstreams.push("127.0.0.53");
    await resolve(other, "A", "outside.example");
    assert.equal(asked.length, 0);
    await resolve(one, "A", "outside.example");
    assert.ok(asked.length > 0);
    scene.upstreams.length = 0;
    upstream.close();
  });

  test("a connected container gets names as well", async () => {
    const plain = await scene.start("plain", [{ network: "bridge" }]);
    assert.equal(await resolve(plain, "A", "one"), "ECONNREFUSED");
    await scene.networks.connect("front", networkConnectOf("plain"));
    assert.equal(await resolve(plain, "A", "one"), address(one));
    assert.equal(await resolve(one, "A", "plain"), address(plain, 1));
    await plain.stop();
  });

  test("a taken port 53 on the host is no obstacle", async () => {
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(53, "0.0.0.0", done));
    await scene.networks.create(networkCreate({ Name: "third" }));
    const a = await scene.start("a", [{ network: "third" }]);
    assert.equal(await resolve(a, "A", "a"), address(a));
    await a.stop();
    await scene.networks.remove("third");
    taken.close();
  });
});

function networkConnectOf(container: string) {
  return { Container: container, EndpointConfig: emptyEndpointSettings() };
}
