/** Networks and volumes by the docker CLI on a whole engine, in a network namespace of its own. */
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { command } from "../support/command.ts";
import type { TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { ask } from "./network-scene.ts";
import { inOwnNetwork, startWithBusybox } from "./own-network.ts";

inOwnNetwork(import.meta.url, () => {
  let engine: TestEngine;
  before(async () => {
    engine = await startWithBusybox();
  });
  after(() => engine?.stop());
  const server = ["sh", "-c", "while true; do echo hello from $HOSTNAME | nc -l -p 80; done"];

  test("containers of a user-defined network find each other by name, alias and 127.0.0.11", async () => {
    await engine.ok("network", "create", "app");
    await engine.ok("run", "-d", "--name", "db", "--network", "app", "--network-alias", "store", "busybox", ...server);
    const client = (...line: string[]) => engine.ok("run", "--rm", "--network", "app", "busybox", ...line);
    assert.match(await client("cat", "/etc/resolv.conf"), /^nameserver 127\.0\.0\.11$/m);
    const address = await engine.ok("inspect", "-f", "{{.NetworkSettings.Networks.app.IPAddress}}", "db");
    assert.match(await client("nslookup", "store"), new RegExp(`Address.*${address.replaceAll(".", "\\.")}`));
    assert.equal(
      await client("sh", "-c", "sleep 1 | nc db 80"),
      `hello from ${await engine.ok("inspect", "-f", "{{.Config.Hostname}}", "db")}`,
    );
    assert.match(
      await engine.ok("network", "inspect", "app", "-f", "{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}"),
      new RegExp(`^db ${address}/16$`),
    );
  });

  test("a published port answers on the host as soon as run returns, is shown, and survives the engine's death", async () => {
    await engine.ok("run", "-d", "--name", "web", "-p", "8080:80", "-p", "127.0.0.1::81", "busybox", ...server);
    await until(async () => (await ask("127.0.0.1", 8080)).startsWith("hello"));
    assert.match(await engine.ok("port", "web"), /^80\/tcp -> 0\.0\.0\.0:8080$/m);
    assert.match(await engine.ok("port", "web"), /^81\/tcp -> 127\.0\.0\.1:\d+$/m);
    const taken = await engine.docker("run", "-d", "--name", "late", "-p", "8080:80", "busybox", "true");
    assert.equal(taken.code, 125);
    assert.match(
      taken.stderr,
      /driver failed programming external connectivity on endpoint late \([0-9a-f]{64}\): Bind for 0\.0\.0\.0:8080 failed: port is already allocated/,
    );
    await engine.ok("rm", "late");
    await engine.crash();
    await until(async () => (await ask("127.0.0.1", 8080)).startsWith("hello"));
    await engine.restart();
    await until(async () => (await ask("127.0.0.1", 8080)).startsWith("hello"));
    await engine.ok("rm", "-f", "web");
    assert.equal(await ask("127.0.0.1", 8080), "");
  });

  test("a running container is connected and disconnected", async () => {
    await engine.ok("run", "-d", "--name", "wanderer", "busybox", "sleep", "600");
    await engine.ok("network", "connect", "--alias", "guest", "app", "wanderer");
    assert.match(await engine.ok("exec", "wanderer", "nslookup", "db", "127.0.0.11"), /Address.*172\./);
    assert.match(await engine.ok("exec", "db", "nslookup", "guest"), /Address.*172\./);
    await engine.ok("network", "disconnect", "app", "wanderer");
    assert.doesNotMatch(await engine.ok("exec", "wanderer", "ip", "link"), /eth1/);
    const refused = await engine.docker("network", "rm", "app");
    assert.match(
      refused.stderr,
      /error while removing network: network app has active endpoints \(name:"db" id:"[0-9a-f]{12}"\)/,
    );
    await engine.ok("rm", "-f", "wanderer", "db");
    await engine.ok("network", "rm", "app");
  });

  test("a volume keeps its data, is shared, and an anonymous one goes with its container", async () => {
    await engine.ok("run", "--rm", "-v", "data:/d", "busybox", "sh", "-c", "echo kept > /d/file");
    assert.equal(await engine.ok("run", "--rm", "-v", "data:/x:ro", "busybox", "cat", "/x/file"), "kept");
    assert.equal(readFileSync(join(engine.dataRoot, "volumes/data/_data/file"), "utf8"), "kept\n");
    await engine.ok("run", "-d", "--name", "user", "-v", "data:/d", "-v", "/anonymous", "busybox", "sleep", "600");
    assert.match(
      (await engine.docker("volume", "rm", "data")).stderr,
      /remove data: volume is in use - \[[0-9a-f]{64}\]/,
    );
    assert.equal((await engine.ok("volume", "ls", "-q")).split("\n").length, 2);
    await engine.ok("rm", "-f", "-v", "user");
    assert.equal(await engine.ok("volume", "ls", "-q"), "data");
    await engine.ok("volume", "rm", "data");
  });

  test("a new volume has what the image has at its place", async () => {
    const file = join(engine.directory, "passwd");
    writeFileSync(file, await engine.ok("run", "--rm", "-v", "filled:/etc", "busybox", "cat", "/etc/passwd"));
    assert.match(readFileSync(file, "utf8"), /^root:/);
    assert.ok(readFileSync(join(engine.dataRoot, "volumes/filled/_data/group"), "utf8").includes("staff"));
    await engine.ok("run", "--rm", "-v", "empty:/etc:nocopy", "busybox", "true");
    assert.equal((await command("ls", [join(engine.dataRoot, "volumes/empty/_data")])).stdout.includes("group"), false);
    await engine.ok("volume", "prune", "-af");
    rmSync(file);
  });
});
