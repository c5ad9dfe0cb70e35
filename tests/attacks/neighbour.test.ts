/** A neighbour in the host's network who sends packets to addresses that are none of his business. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { hostileImage } from "./scene.ts";

/** A network of benchmarks' (RFC 2544): nobody's here. */
const HOST = "198.18.77.1";
const NEIGHBOUR = "198.18.77.2";
const namespace = `cloche-lan-${randomBytes(3).toString("hex")}`;
const [near, far] = ["a", "b"].map((side) => `cll${randomBytes(3).toString("hex")}${side}`);

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await hostileImage(engine, "hostile");
  for (const line of [
    `netns add ${namespace}`,
    `link add ${near} type veth peer name ${far} netns ${namespace}`,
    `addr add ${HOST}/24 dev ${near}`,
    `link set ${near} up`,
    `-n ${namespace} addr add ${NEIGHBOUR}/24 dev ${far}`,
    `-n ${namespace} link set ${far} up`,
  ])
    await ip(line);
});
after(async () => {
  await command("ip", ["netns", "del", namespace]);
  await command("ip", ["link", "del", near ?? ""]);
  await engine?.stop();
});

async function ip(line: string): Promise<void> {
  const { code, stderr } = await command("ip", line.split(" "));
  assert.equal(code, 0, `ip ${line}: ${stderr}`);
}

/** What a server says to the neighbour; "" if nothing. */
async function asks(address: string, port: number | string): Promise<string> {
  const nc = ["busybox", "nc", "-w", "2", address, String(port)];
  const { stdout } = await command("ip", ["netns", "exec", namespace, ...nc]);
  return stdout;
}

const server = ["hostile", "sh", "-c", "nc -ll -p 80 -e echo inside"];

test("attack 30: a port published on loopback is not reached from the network, by whatever route", async () => {
  await engine.ok("run", "-d", "--name", "loopback", "-p", "127.0.0.1:0:80", ...server);
  await engine.ok("run", "-d", "--name", "everywhere", "-p", "0.0.0.0:0:80", ...server);
  await engine.ok("run", "-d", "--name", "unpublished", ...server);
  const portOf = async (name: string) => (await engine.ok("port", name, "80")).split("\n")[0]?.split(":")[1] ?? "";
  const addressOf = (name: string) =>
    engine.ok("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name);
  const [closed, open] = [await portOf("loopback"), await portOf("everywhere")];
  // The neighbour is there, and what is meant for everybody answers.
  await until(async () => (await asks(HOST, open)) === "inside\n", { what: "the port on 0.0.0.0 answers" });
  const here = await command("busybox", ["nc", "-w", "5", "127.0.0.1", closed]);
  assert.equal(here.stdout, "inside\n", "on the host itself the port answers");

  await command("ip", ["netns", "exec", namespace, "sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1"]);
  const addresses = [await addressOf("loopback"), await addressOf("unpublished"), await addressOf("everywhere")];
  for (const target of ["127.0.0.1/32", "127.0.0.2/32", ...addresses.map((address) => `${address}/32`)])
    await ip(`-n ${namespace} route replace ${target} via ${HOST} dev ${far} src ${NEIGHBOUR}`);
  const reached: string[] = [];
  const tries: [string, number | string][] = [
    [HOST, closed],
    ["127.0.0.1", closed],
    ["127.0.0.2", open],
    ...addresses.map((address): [string, number] => [address, 80]),
  ];
  for (const [address, port] of tries) if ((await asks(address, port)) !== "") reached.push(`${address}:${port}`);
  assert.deepEqual(reached, []);
});
