/** By the docker CLI on a whole engine: what follows a running container's networks, links, and egress policies. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TestEngine } from "../support/engine.ts";
import { inOwnNetwork, startWithBusybox } from "./own-network.ts";

inOwnNetwork(import.meta.url, () => {
  let engine: TestEngine;
  before(async () => {
    engine = await startWithBusybox();
  });
  after(() => engine?.stop());
  const run = (name: string, ...more: string[]) =>
    engine.ok("run", "-d", "--name", name, "--pull", "never", ...more, "busybox", "sleep", "1000");
  const sh = (name: string, line: string) => engine.ok("exec", name, "sh", "-c", line);
  const address = (name: string, network: string) =>
    engine.ok("inspect", "-f", `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`, name);

  test("a container of the default bridge that is connected to a network learns its names, and forgets them again", async () => {
    await engine.ok("network", "create", "app");
    await run("db", "--network", "app");
    await run("late");
    await sh("late", "echo 192.0.2.7 own-entry >> /etc/hosts");
    await engine.ok("network", "connect", "app", "late");
    assert.match(await sh("late", "nslookup db"), new RegExp(`Address.*${await address("db", "app")}`));
    const hosts = await sh("late", "cat /etc/hosts");
    assert.match(hosts, new RegExp(`^${await address("late", "app")}\t`, "m"));
    assert.match(hosts, /^192\.0\.2\.7 own-entry$/m);
    await engine.ok("network", "disconnect", "app", "late");
    assert.doesNotMatch(await sh("late", "cat /etc/resolv.conf"), /127\.0\.0\.11/);
    assert.equal((await sh("late", "grep -c $HOSTNAME /etc/hosts")).trim(), "1");
    await engine.ok("rm", "-f", "late", "db");
  });

  test("a published port follows the default route from one network to the next", async () => {
    await engine.ok("network", "create", "zone");
    await run("web", "--network", "app", "-p", "127.0.0.1:18080:80");
    await engine.ok("network", "connect", "zone", "web");
    const serve = "echo hello | nc -l -p 80";
    const ask = () =>
      engine.ok("run", "--rm", "--network", "host", "busybox", "nc", "-w", "3", "127.0.0.1", "18080").catch(String);
    await engine.ok("exec", "-d", "web", "sh", "-c", serve);
    assert.equal(await ask(), "hello");
    await engine.ok("network", "disconnect", "app", "web");
    assert.match(await sh("web", "ip route"), /default via 172\.\S+ dev eth1/);
    assert.equal(await engine.ok("port", "web"), "80/tcp -> 127.0.0.1:18080");
    await engine.ok("exec", "-d", "web", "sh", "-c", serve);
    assert.equal(await ask(), "hello");
    await engine.ok("rm", "-f", "web");
    await engine.ok("network", "rm", "zone", "app");
  });

  test("the network with the highest gw-priority gives the default route, also when it is connected later", async () => {
    await engine.ok("network", "create", "aaa");
    await engine.ok("network", "create", "zzz");
    await run("two", "--network", "name=aaa", "--network", "name=zzz,gw-priority=5");
    assert.match(await sh("two", "ip route"), /default via 172\.\S+ dev eth1/);
    await engine.ok("network", "disconnect", "zzz", "two");
    assert.match(await sh("two", "ip route"), /default via 172\.\S+ dev eth0/);
    await engine.ok("network", "connect", "--gw-priority", "9", "zzz", "two");
    assert.match(await sh("two", "ip route"), /default via 172\.\S+ dev eth1/);
    assert.equal((await sh("two", "ip route | grep -c default")).trim(), "1");
    await engine.ok("rm", "-f", "two");
    await engine.ok("network", "rm", "aaa", "zzz");
  });

  test("a link finds its target again after a restart with another address, until the link is removed", async () => {
    await run("target");
    await run("user", "--link", "target:db");
    assert.match(await sh("user", "grep db /etc/hosts"), new RegExp(`^${await address("target", "bridge")}\t`));
    await engine.ok("stop", "-t", "0", "target");
    await run("squatter");
    await engine.ok("start", "target");
    const now = await address("target", "bridge");
    assert.notEqual(now, await address("squatter", "bridge"));
    assert.match(await sh("user", "grep db /etc/hosts"), new RegExp(`^${now}\t`));
    assert.equal(await engine.ok("rm", "--link", "user/db"), "user/db");
    assert.equal((await engine.docker("exec", "user", "grep", "db", "/etc/hosts")).code, 1);
    assert.equal(await engine.ok("inspect", "-f", "{{json .HostConfig.Links}}", "user"), "null");
    assert.match((await engine.docker("rm", "--link", "user/db")).stderr, /No such container: user\/db/);
    await engine.ok("rm", "-f", "target", "user", "squatter");
  });

  test("a link on a network of one's own is a name that only its container knows", async () => {
    await engine.ok("network", "create", "app");
    await run("target", "--network", "app");
    await run("user", "--network", "app", "--link", "target:db");
    await run("other", "--network", "app");
    assert.match(await sh("user", "nslookup db"), new RegExp(`Address.*${await address("target", "app")}`));
    assert.notEqual((await engine.docker("exec", "other", "nslookup", "db")).code, 0);
    await engine.ok("rm", "-f", "target", "user", "other");
    await engine.ok("network", "rm", "app");
  });

  test("an egress policy comes by annotation, label or --egress, is shown, and bad ones are refused with the cure", async () => {
    await engine.ok("network", "create", "app");
    await run("noted", "--network", "app", "--annotation", "cloche.egress=192.0.2.0/24,example.internal:443");
    await run("labelled", "--label", "cloche.egress=none");
    const ours = await engine.cloche(
      "run",
      "-d",
      "--name",
      "ours",
      "--egress",
      "192.0.2.1",
      "--egress",
      "198.51.100.0/24:80",
      "busybox",
      "sleep",
      "1000",
    );
    assert.equal(ours.code, 0, ours.stderr);
    const allow = "{{json .Cloche.Egress.Allow}}";
    assert.equal(await engine.ok("inspect", "-f", allow, "noted"), '["192.0.2.0/24","example.internal:443"]');
    assert.equal(await engine.ok("inspect", "-f", allow, "labelled"), "[]");
    assert.equal(await engine.ok("inspect", "-f", allow, "ours"), '["192.0.2.1","198.51.100.0/24:80"]');
    const refused = await sh(
      "labelled",
      `nc -w 3 ${await engine.ok("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", "bridge")} 9 2>&1 || true`,
    );
    assert.match(refused, /No route to host|unreachable/i);
    const shown = await engine.cloche("network", "egress", "labelled");
    assert.match(
      shown.stdout,
      /^container labelled +CONNECTIONS +BYTES +OPEN NOW\n {2}everything else +[1-9]\d* refused/,
    );
    assert.equal((await engine.cloche("network", "egress")).stdout.match(/^container /gm)?.length, 3);
    for (const [words, text] of [
      [["--annotation", "cloche.egress=a..b"], /"a\.\.b" is no address, CIDR or name/],
      [["--label", "cloche.egress="], /the list is empty; "none" allows nothing/],
      [["--network", "host", "--annotation", "cloche.egress=none"], /use a bridge network/],
      [["--network", "container:noted", "--annotation", "cloche.egress=none"], /give the list to that one/],
    ] as const) {
      const bad = await engine.docker("run", "--rm", "--pull", "never", ...words, "busybox", "true");
      assert.equal(bad.code, 125);
      assert.match(bad.stderr, text);
    }
    await engine.ok("rm", "-f", "noted", "labelled", "ours");
    assert.match(
      (await engine.cloche("network", "egress")).stdout,
      /no container or network is under an egress policy/,
    );
    await engine.ok("network", "rm", "app");
  });
});
