/** Egress policies: what a container under one reaches of a world that is a network namespace of this test. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { type Answer, decode, encode } from "dns-packet";
import { emptyEndpointSettings } from "../../src/wire/container.ts";
import { networkCreate } from "../../src/wire/decode-network.ts";
import { command } from "../support/command.ts";
import { until } from "../support/until.ts";
import { openScene, type Scene, type SceneContainer, tcp } from "./network-scene.ts";
import { type Outside, openOutside } from "./outside.ts";
import { inOwnNetwork } from "./own-network.ts";

const RESOLVE = `require("node:dns").setServers(["127.0.0.11"]);
  require("node:dns").resolve(process.argv[1], process.argv[2], (error, answer) => console.log(error ? error.code : answer.join(" ")));`;
/** What the world calls its addresses; the second field is the time to live in seconds. */
const NAMES: Record<string, [string, number]> = {
  "allowed.example": ["198.51.100.1", 60],
  "short.example": ["198.51.100.2", 0],
  "deep.below.example": ["198.51.100.3", 60],
  "other.example": ["203.0.113.1", 60],
};

inOwnNetwork(import.meta.url, () => {
  let scene: Scene;
  let world: Outside;
  const asked: string[] = [];
  const server = createSocket("udp4");
  const resolve = (from: SceneContainer, name: string, kind = "A") =>
    from.run(`${process.execPath} -e '${RESOLVE}' ${name} ${kind}`);
  const table = async () => (await command("nft", ["list", "table", "inet", "cloche_cle0"])).stdout;

  before(async () => {
    const addresses = ["192.0.2.1/24", "198.51.100.1/24", "198.51.100.2/24", "198.51.100.3/24", "203.0.113.1/24"];
    world = await openOutside({ link: "out0", addresses: [...addresses, "2001:db8:1::1/64"], ports: [80, 443] });
    const near = ["192.0.2.254/24", "198.51.100.254/24", "203.0.113.254/24", "2001:db8:1::254/64"];
    for (const one of near)
      await command("ip", ["addr", "add", one, "dev", "out0", ...(one.includes(":") ? ["nodad"] : [])]);
    server.on("message", (message, from) => {
      const query = decode(message);
      const [question] = query.questions ?? [];
      const [data, ttl] = (question?.type === "A" && NAMES[question.name]) || [];
      asked.push(question?.name ?? "");
      const answers = data && question ? [{ type: "A", name: question.name, ttl, data } as Answer] : [];
      server.send(
        encode({ type: "response", id: query.id, flags: 0, questions: query.questions, answers }),
        from.port,
        from.address,
      );
    });
    await new Promise<void>((done) => server.bind({ address: "127.0.0.53", port: 53 }, done));
    scene = await openScene({ bridge: "cle0" });
    scene.upstreams.push("127.0.0.53");
    await scene.networks.create(networkCreate({ Name: "app", EnableIPv6: true }));
  });
  after(async () => {
    await scene?.close();
    await world?.close();
    server.close();
  });

  test("without a policy everything is reached, and nothing stands in the table", async () => {
    const free = await scene.start("free", [{ network: "app" }]);
    assert.match(await free.ask("192.0.2.1", 80), /^outside/);
    assert.equal(await resolve(free, "other.example"), "203.0.113.1");
    assert.doesNotMatch(await table(), /egress/);
    await free.stop();
  });

  test("only what is listed is reached: by address, by port, by name while the answer is good; the rest is refused at once", async () => {
    const egress = "192.0.2.0/24, 203.0.113.1:443, [2001:db8:1::/64]:80, allowed.example, *.below.example:80/tcp";
    const held = await scene.start("held", [{ network: "app", egress }]);
    assert.match(await held.ask("192.0.2.1", 80), /^outside/);
    assert.match(await held.ask("2001:db8:1::1", 80), /^outside/);
    assert.equal(await held.ask("2001:db8:1::1", 443), "");
    assert.match(await held.ask("203.0.113.1", 443), /^outside/);
    const refused = await held.run("busybox nc -w 5 203.0.113.1 80; echo $?");
    assert.match(refused, /No route to host|Host is unreachable/);
    assert.equal(await held.ask("198.51.100.1", 80), "", "its name was not asked for yet");
    assert.equal(await resolve(held, "allowed.example"), "198.51.100.1");
    assert.match(await held.ask("198.51.100.1", 80), /^outside/);
    assert.equal(await held.ask("198.51.100.3", 80), "");
    assert.equal(await resolve(held, "deep.below.example"), "198.51.100.3");
    assert.match(await held.ask("198.51.100.3", 80), /^outside/);
    assert.equal(await held.ask("198.51.100.3", 443), "");
    await held.stop();
    assert.doesNotMatch(await table(), /egress/);
  });

  test("names that are not listed are not asked for elsewhere, and are counted", async () => {
    const held = await scene.start("held", [{ network: "app", egress: "allowed.example" }]);
    asked.length = 0;
    assert.equal(await resolve(held, "secret.exfiltrated.other.example"), "EREFUSED");
    assert.equal(await resolve(held, "other.example", "TXT"), "EREFUSED");
    assert.deepEqual(asked, []);
    await held.ask("203.0.113.1", 80);
    await resolve(held, "allowed.example");
    await held.ask("198.51.100.1", 80);
    const [report] = await scene.networks.egress("held");
    assert.deepEqual(report?.owner, { kind: "container", id: held.record.id, name: "held" });
    assert.ok((report?.refused.packets ?? 0) > 0);
    assert.deepEqual(report?.refused.names, { "secret.exfiltrated.other.example": 1, "other.example": 1 });
    const [rule] = report?.rules ?? [];
    assert.equal(rule?.allow, "allowed.example");
    assert.ok((rule?.packets ?? 0) > 0);
    assert.equal(rule?.open[0]?.address, "198.51.100.1");
    await held.stop();
  });

  test("the host itself is outside, but for the names; neighbours are not", async () => {
    const mate = await scene.start("mate", [{ network: "app" }], [tcp(80, 8080)]);
    const held = await scene.start("held", [{ network: "app", egress: "none" }], [tcp(80, 8081)]);
    const linkLocal = async (from: SceneContainer) => {
      const bridge = (await command("ip", ["-6", "-o", "addr", "show", "scope", "link"])).stdout;
      const own = scene.networks.find("app").bridge;
      const address = new RegExp(`${own} +inet6 (fe80\\S+)/64`).exec(bridge)?.[1] ?? "";
      return await from.run(
        `${process.execPath} -e 'require("node:net").connect({ host: "${address}%eth0", port: 7000 }).on("data", (d) => console.log(String(d))).on("error", () => {}).setTimeout(2000, function () { this.destroy(); })'`,
      );
    };
    const gateway = held.record.endpoints[0]?.gateway ?? "";
    const secret = createServer((socket) => socket.end("secret"));
    await new Promise<void>((done) => secret.listen(7000, "0.0.0.0", done));
    assert.equal(await mate.ask(gateway, 7000), "secret");
    for (const host of [gateway, "192.0.2.254"]) assert.equal(await held.ask(host, 7000), "");
    secret.close();
    const six = createServer((socket) => socket.end("secret"));
    await new Promise<void>((done) => six.listen(7000, "::", done));
    await until(async () => (await linkLocal(mate)) === "secret");
    assert.equal(await linkLocal(held), "");
    six.close();
    assert.equal(await resolve(held, "mate"), mate.record.endpoints[0]?.ipv4);
    assert.match(await held.ask(mate.record.endpoints[0]?.ipv4 ?? "", 80), /^mate/);
    // It answers those who may reach it.
    assert.match(await mate.ask("192.0.2.254", 8081), /^held/);
    assert.match(await world.run("busybox nc -w 3 192.0.2.254 8081"), /^held/);
    await held.stop();
    await mate.stop();
  });

  test("an address that is not its own does not help", async () => {
    const mate = await scene.start("mate", [{ network: "app" }]);
    const held = await scene.start("held", [{ network: "app", egress: "none" }]);
    const address = mate.record.endpoints[0]?.ipv4 ?? "";
    const hear = `const s = require("node:dgram").createSocket("udp4"); setTimeout(() => process.exit(), 4000);
      s.on("message", (m) => console.log(String(m))).bind(9999);`;
    const send = `const s = require("node:dgram").createSocket("udp4"); setTimeout(() => process.exit(), 3500);
      s.on("error", () => {}).bind({ address: process.argv[1] }, () => setInterval(() => s.send("leak", 9999, "192.0.2.1", () => {}), 100));`;
    const heard = world.run(`${process.execPath} -e '${hear}'`);
    await held.run(`ip addr add ${address}/32 dev eth0; ${process.execPath} -e '${send}' ${address}`);
    assert.equal(await heard, "");
    const control = world.run(`${process.execPath} -e '${hear}'`);
    await mate.run(`${process.execPath} -e '${send}' ${address}`);
    assert.match(await control, /^leak/, "from the one whose address it is, it arrives");
    await held.stop();
    await mate.stop();
  });

  test("somebody flushes the rules: they are back within 5 s, with what was open and counted", async () => {
    const held = await scene.start("held", [{ network: "app", egress: "allowed.example" }]);
    await resolve(held, "allowed.example");
    assert.match(await held.ask("198.51.100.1", 80), /^outside/);
    await scene.networks.egress("");
    await command("nft", ["flush", "ruleset"]);
    await until(async () => /egress_out/.test(await table()), { seconds: 5 });
    assert.match(await held.ask("198.51.100.1", 80), /^outside/);
    assert.equal(await held.ask("203.0.113.1", 80), "");
    const [report] = await scene.networks.egress("held");
    assert.ok((report?.rules[0]?.packets ?? 0) >= 2);
    await held.stop();
  });

  test("an answer that is good for no time opens its address for some seconds, and no longer", async () => {
    const held = await scene.start("held", [{ network: "app", egress: "short.example" }]);
    assert.equal(await resolve(held, "short.example"), "198.51.100.2");
    assert.match(await held.ask("198.51.100.2", 80), /^outside/);
    await until(async () => (await held.ask("198.51.100.2", 80)) === "", { seconds: 30 });
    await resolve(held, "short.example");
    assert.match(await held.ask("198.51.100.2", 80), /^outside/);
    await held.stop();
  });

  test("a network's policy holds for all on it, together with a container's own; networks connected later are covered", async () => {
    await scene.networks.create(
      networkCreate({ Name: "fenced", Options: { "cloche.egress": "192.0.2.0/24 203.0.113.0/24" } }),
    );
    const plain = await scene.start("plain", [{ network: "fenced" }]);
    const held = await scene.start("held", [{ network: "fenced", egress: "192.0.2.0/24 198.51.100.0/24" }]);
    const reached = async (container: SceneContainer) => {
      const answers = ["192.0.2.1", "198.51.100.1", "203.0.113.1"].map((host) => container.ask(host, 80));
      return (await Promise.all(answers)).map((answer) => answer !== "");
    };
    assert.deepEqual(await reached(plain), [true, false, true]);
    assert.deepEqual(await reached(held), [true, false, false]);
    await scene.networks.connect("app", {
      Container: "held",
      EndpointConfig: { ...emptyEndpointSettings(), GwPriority: 5 },
    });
    assert.match(await held.run("ip route"), /default via 172\.\S+ dev eth1/);
    assert.deepEqual(await reached(held), [true, true, false]);
    await held.stop();
    await plain.stop();
    await scene.networks.remove("fenced");
  });

  test("policies outlive the engine's restart, with what is open", async () => {
    const held = await scene.start("held", [{ network: "app", egress: "allowed.example" }]);
    held.record.hostConfig.Annotations = { "cloche.egress": "allowed.example" };
    await resolve(held, "allowed.example");
    await scene.restart();
    assert.match(await held.ask("198.51.100.1", 80), /^outside/);
    assert.equal(await held.ask("192.0.2.1", 80), "");
    await held.stop();
  });

  test("what cannot be enforced is refused, with the cure", async () => {
    const start = (network: string, egress: string) => scene.start("bad", [{ network, egress }]);
    await assert.rejects(
      start("app", "10.0.0.0/99"),
      /"10\.0\.0\.0\/99" is no address, CIDR or name.*write 10\.0\.0\.0\/8/,
    );
    await assert.rejects(start("bridge", "allowed.example"), /use a network of your own, or CIDRs$/);
    await assert.rejects(start("host", "none"), /use a bridge network$/);
    await scene.networks.create(networkCreate({ Name: "mac", Driver: "macvlan", Options: { parent: "out0" } }));
    await assert.rejects(start("mac", "none"), /macvlan networks do not pass this host's rules.*use a bridge network$/);
    await scene.networks.remove("mac");
    const policed = networkCreate({
      Name: "mac",
      Driver: "macvlan",
      Options: { parent: "out0", "cloche.egress": "none" },
    });
    await assert.rejects(scene.networks.create(policed), /do not pass this host's rules/);
    await assert.rejects(
      scene.networks.create(networkCreate({ Name: "x", Options: { "cloche.egress": "a..b" } })),
      /"a\.\.b"/,
    );
    assert.doesNotMatch(await table(), /egress_out/);
  });
});
